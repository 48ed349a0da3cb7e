package dev.nagare.loadtest.bench.infer;

/**
 * Multiplications and additions that an answer cannot do without, those on borders of zeros left
 * out.
 */
final class Operations {
  private Operations() {}

  /** Of MiniLM: products of six layers, 384 wide, 1,536 within. */
  static double minilm(int tokens) {
    double weights = 4.0 * 384 * 384 + 2.0 * 384 * 1536;
    double attention = 2.0 * tokens * 384;
    return 6 * 2.0 * tokens * (weights + attention);
  }

  /**
   * Of ResNet-50 (He et al., 2015, table 1) with the stride in a block's second convolution, as the
   * published file has it.
   */
  static double resnet50() {
    double operations = convolution(3, 64, 7, 2, 3, 224);
    int in = 64;
    int size = 56;
    int[] blocks = {3, 4, 6, 3};
    for (int stage = 0; stage < blocks.length; stage++) {
      int width = 64 << stage;
      for (int block = 0; block < blocks[stage]; block++) {
        int stride = block == 0 && stage > 0 ? 2 : 1;
        operations += convolution(in, width, 1, 1, 0, size);
        if (block == 0) {
          operations += convolution(in, 4 * width, 1, stride, 0, size);
        }
        operations += convolution(width, width, 3, stride, 1, size);
        size /= stride;
        operations += convolution(width, 4 * width, 1, 1, 0, size);
        in = 4 * width;
      }
    }
    return operations + 2.0 * 2048 * 1000;
  }

  private static double convolution(
      int in, int out, int kernel, int stride, int padding, int size) {
    long touched = 0;
    for (int from = -padding; from + kernel <= size + padding; from += stride) {
      touched += Math.min(from + kernel, size) - Math.max(from, 0);
    }
    return 2.0 * in * out * touched * touched;
  }
}
