package dev.nagare.tensor.kernel;

/** An LSTM layer written down from its equations, in f64 and without any cleverness. */
final class PlainLstm {
  final double[] gates;
  final double[] h;
  final double[] c;
  final double[] dGates;
  double[] dWeight = {};
  double[] dh0 = {};
  double[] dc = {};

  private final int n;
  private final int steps;
  private final int hidden;
  private final double[] weight;
  private final double[] h0;
  private final double[] c0;

  PlainLstm(
      int n, int steps, int hidden, double[] gates, double[] weight, double[] h0, double[] c0) {
    this.n = n;
    this.steps = steps;
    this.hidden = hidden;
    this.gates = gates;
    this.weight = weight;
    this.h0 = h0;
    this.c0 = c0;
    this.h = new double[n * steps * hidden];
    this.c = new double[n * steps * hidden];
    this.dGates = new double[gates.length];
  }

  void forward() {
    for (int row = 0; row < n; row++) {
      for (int t = 0; t < steps; t++) {
        int g = (row * steps + t) * 4 * hidden;
        for (int j = 0; j < 4 * hidden; j++) {
          for (int k = 0; k < hidden; k++) {
            gates[g + j] += before(h, h0, row, t, k) * weight[k * 4 * hidden + j];
          }
        }
        for (int j = 0; j < hidden; j++) {
          int at = (row * steps + t) * hidden + j;
          double i = sigmoid(gates[g + j]);
          double f = sigmoid(gates[g + hidden + j]);
          double u = Math.tanh(gates[g + 2 * hidden + j]);
          double o = sigmoid(gates[g + 3 * hidden + j]);
          gates[g + j] = i;
          gates[g + hidden + j] = f;
          gates[g + 2 * hidden + j] = u;
          gates[g + 3 * hidden + j] = o;
          c[at] = f * before(c, c0, row, t, j) + i * u;
          h[at] = o * Math.tanh(c[at]);
        }
      }
    }
  }

  void backward(double[] dh, double[] dWeightBefore, double[] dcLast) {
    dWeight = dWeightBefore;
    dc = dcLast;
    dh0 = new double[n * hidden];
    for (int row = 0; row < n; row++) {
      double[] up = new double[hidden];
      for (int t = steps - 1; t >= 0; t--) {
        int g = (row * steps + t) * 4 * hidden;
        for (int j = 0; j < hidden; j++) {
          int at = (row * steps + t) * hidden + j;
          double total = dh[at] + up[j];
          double i = gates[g + j];
          double f = gates[g + hidden + j];
          double u = gates[g + 2 * hidden + j];
          double o = gates[g + 3 * hidden + j];
          double tanh = Math.tanh(c[at]);
          double cell = dc[row * hidden + j] + total * o * (1 - tanh * tanh);
          dGates[g + j] = cell * u * i * (1 - i);
          dGates[g + hidden + j] = cell * before(c, c0, row, t, j) * f * (1 - f);
          dGates[g + 2 * hidden + j] = cell * i * (1 - u * u);
          dGates[g + 3 * hidden + j] = total * tanh * o * (1 - o);
          dc[row * hidden + j] = cell * f;
        }
        for (int k = 0; k < hidden; k++) {
          up[k] = 0;
          for (int j = 0; j < 4 * hidden; j++) {
            up[k] += weight[k * 4 * hidden + j] * dGates[g + j];
            dWeight[k * 4 * hidden + j] += before(h, h0, row, t, k) * dGates[g + j];
          }
        }
      }
      System.arraycopy(up, 0, dh0, row * hidden, hidden);
    }
  }

  private double before(double[] states, double[] first, int row, int t, int j) {
    return t == 0 ? first[row * hidden + j] : states[(row * steps + t - 1) * hidden + j];
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
