// The two products of matrices with which learning.js trains, four numbers at a time, as a WebAssembly module.
// `python -m book.tools.products` compiles it into product_bytes.js. Matrices lie row by row. Vectors are read up to
// three numbers beyond a row's end, and so beyond the last row's; nothing is written there.

typedef float four __attribute__((ext_vector_type(4), aligned(4)));

static inline four read(const float *from) { return *(const four *)from; }

// The last vector of a row may hold fewer than four numbers.
static inline void write(float *to, four value, int count) {
    if (count >= 4) *(four *)to = value;
    else for (int i = 0; i < count; i++) to[i] = value[i];
}

// So many vectors of columns to take at once, of those that are left: twelve sums and what they need fit the registers.
static inline int vectors(int columns) { return columns > 16 || (columns > 8 && columns <= 12) ? 3 : columns > 4 ? 2 : 1; }

// A tile of sum[row][column] += a * x over `length`: of rows that lie `across` apart in a, steps that lie `along` apart.
static inline __attribute__((always_inline)) void tile(const float *a, int across, int along, const float *x, int length,
        int columns, const float *bias, float *out, int rows, int wide, int count) {
    four sum[4][3];
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < wide; v++) sum[r][v] = bias ? read(bias + 4 * v) : (four)(0.0f);
    for (int k = 0; k < length; k++, a += along, x += columns) {
        four value[3];
        for (int v = 0; v < wide; v++) value[v] = read(x + 4 * v);
        for (int r = 0; r < rows; r++)
            for (int v = 0; v < wide; v++) sum[r][v] += (four)(a[r * across]) * value[v];
    }
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < wide; v++) write(out + r * columns + 4 * v, sum[r][v], count - 4 * v);
}

// out[height, columns] = rows of `a` times x[length, columns], plus the bias: tiles of four rows, then single rows.
static __attribute__((noinline)) void tiled(const float *a, int across, int along, const float *x, int height,
        int length, int columns, const float *bias, float *out) {
    for (int i = 0; i < height;) {
        int rows = height - i >= 4 ? 4 : 1;
        for (int j = 0, wide; j < columns; j += 4 * wide) {
            wide = rows == 4 ? vectors(columns - j) : 1;
            const float *first = a + i * across, *offset = bias ? bias + j : 0;
            float *to = out + i * columns + j;
#define CASE(R, V) if (rows == R && wide == V) tile(first, across, along, x + j, length, columns, offset, to, R, V, columns - j)
            CASE(4, 3); else CASE(4, 2); else CASE(4, 1); else CASE(1, 1);
        }
        i += rows;
    }
}

// y[rows, outputs] = x[rows, inputs] w[inputs, outputs] + bias[outputs], where there is one.
__attribute__((export_name("product"))) void product(const float *x, const float *w, const float *bias, float *y, int rows,
        int inputs, int outputs) {
    tiled(x, inputs, 1, w, rows, inputs, outputs, bias, y);
}

// g[inputs, outputs] = x[rows, inputs] transposed times d[rows, outputs], and the sums of d's columns.
__attribute__((export_name("gradient"))) void gradient(const float *x, const float *d, float *g, float *sums, int rows,
        int inputs, int outputs) {
    tiled(x, 1, inputs, d, inputs, rows, outputs, 0, g);
    for (int j = 0; j < outputs; j += 4) {
        four sum = (four)(0.0f);
        for (int i = 0; i < rows; i++) sum += read(d + i * outputs + j);
        write(sums + j, sum, outputs - j);
    }
}
