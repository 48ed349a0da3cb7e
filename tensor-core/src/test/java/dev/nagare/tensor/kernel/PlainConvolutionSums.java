package dev.nagare.tensor.kernel;

import java.util.Arrays;

/** The three passes of a convolution as one walk over all products, in f64. */
final class PlainConvolutionSums {
  private final ConvolutionConformanceTest.Case s;
  private final double[] x;
  private final double[] weight;
  private final double[] dy;

  PlainConvolutionSums(
      ConvolutionConformanceTest.Case s, double[] x, double[] weight, double[] dy) {
    this.s = s;
    this.x = x;
    this.weight = weight;
    this.dy = dy;
  }

  /** Sums, the sums of their terms' sizes, and the numbers of terms. */
  static final class Sums {
    final double[] sums;
    final double[] sizes;
    final int[] terms;

    private Sums(double[] start) {
      sums = start.clone();
      sizes = Arrays.stream(start).map(Math::abs).toArray();
      terms = new int[start.length];
    }

    private void add(int at, double term) {
      sums[at] += term;
      sizes[at] += Math.abs(term);
      terms[at]++;
    }
  }

  private interface Visit {
    void at(int x, int weight, int y);
  }

  Sums forward(double[] bias) {
    double[] start = new double[dy.length];
    Arrays.setAll(start, i -> bias[i % s.o()]);
    Sums sums = new Sums(start);
    walk((i, j, k) -> sums.add(k, x[i] * weight[j]));
    return sums;
  }

  Sums data(double[] start) {
    Sums sums = new Sums(start);
    walk((i, j, k) -> sums.add(i, dy[k] * weight[j]));
    return sums;
  }

  Sums weights(double[] start) {
    Sums sums = new Sums(start);
    walk((i, j, k) -> sums.add(j, dy[k] * x[i]));
    return sums;
  }

  Sums bias(double[] start) {
    Sums sums = new Sums(start);
    for (int i = 0; i < dy.length; i++) {
      sums.add(i % s.o(), dy[i]);
    }
    return sums;
  }

  private void walk(Visit visit) {
    int oh = (int) s.window().outH(s.h());
    int ow = (int) s.window().outW(s.w());
    int cg = s.c() / s.groups();
    int kh = s.window().kernelH();
    int kw = s.window().kernelW();
    for (int n = 0; n < s.n(); n++) {
      for (int p = 0; p < oh; p++) {
        for (int q = 0; q < ow; q++) {
          for (int o = 0; o < s.o(); o++) {
            int g = o / (s.o() / s.groups());
            for (int i = 0; i < kh; i++) {
              for (int j = 0; j < kw; j++) {
                int row = p * s.window().strideH() + i * s.window().dilationH() - s.window().top();
                int column =
                    q * s.window().strideW() + j * s.window().dilationW() - s.window().left();
                if (row >= 0 && row < s.h() && column >= 0 && column < s.w()) {
                  for (int c = 0; c < cg; c++) {
                    visit.at(
                        ((n * s.h() + row) * s.w() + column) * s.c() + g * cg + c,
                        ((o * cg + c) * kh + i) * kw + j,
                        ((n * oh + p) * ow + q) * s.o() + o);
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}
