package dev.nagare.tensor.kernel;

/** {@link StridedProduct} over the loops of a dtype; what is transposed on the right is copied. */
final class PlainStridedProduct implements StridedProduct {
  private final Loops loops;
  private final int bytes;

  PlainStridedProduct(Loops loops, int bytes) {
    this.loops = loops;
    this.bytes = bytes;
  }

  @Override
  public void run(Form f, long a, long b, long out) {
    for (int i = 0; i < f.count(); i++) {
      long left = a + i * f.aNext() * bytes;
      long right = b + i * f.bNext() * bytes;
      long to = out + i * f.outNext() * bytes;
      long rightRow = f.bRow();
      if (f.transposeB()) {
        long copy = Scratch.ofThread().bytes((long) f.k() * f.n() * bytes).address();
        transpose(right, f.bRow(), copy, f.n(), f.k());
        right = copy;
        rightRow = f.n();
      }
      if (!f.accumulate()) {
        for (int row = 0; row < f.m(); row++) {
          Addresses.zero(to + row * f.outRow() * bytes, (long) f.n() * bytes);
        }
      }
      long aRow = f.transposeA() ? 1 : f.aRow();
      long aColumn = f.transposeA() ? f.aRow() : 1;
      loops.product(left, aRow, aColumn, right, rightRow, to, f.outRow(), f.m(), f.n(), f.k());
    }
  }

  private void transpose(long x, long row, long out, int rows, int columns) {
    for (int j = 0; j < columns; j++) {
      for (int i = 0; i < rows; i++) {
        if (bytes == 4) {
          Addresses.setFloat(out, (long) j * rows + i, Addresses.getFloat(x, i * row + j));
        } else {
          Addresses.setDouble(out, (long) j * rows + i, Addresses.getDouble(x, i * row + j));
        }
      }
    }
  }
}
