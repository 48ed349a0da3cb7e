package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.KernelArguments.apart;
import static dev.nagare.tensor.kernel.KernelArguments.dtype;
import static dev.nagare.tensor.kernel.KernelArguments.rank;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import org.jspecify.annotations.Nullable;

/**
 * Checks the arguments of {@link Convolution}, the same for every provider and before any memory is
 * touched.
 */
public final class ConvolutionArguments {
  private ConvolutionArguments() {}

  /** Checks {@link Convolution#forward}. */
  public static void forward(
      Window window, int groups, Tensor x, Tensor weight, @Nullable Tensor bias, Tensor y) {
    String op = "convolution";
    if (x.dtype() != DType.BF16) {
      KernelArguments.computable(op, x);
    }
    fit(op, window, groups, x, weight, "y", y);
    apart(op, "y", y, "x", x);
    apart(op, "y", y, "weight", weight);
    if (bias != null) {
      bias(op, "bias", bias, weight);
      apart(op, "y", y, "bias", bias);
    }
  }

  /** Checks {@link Convolution#backwardData}. */
  public static void backwardData(Window window, int groups, Tensor dy, Tensor weight, Tensor dx) {
    String op = "convolutionBackwardData";
    KernelArguments.computable(op, dx);
    fit(op, window, groups, dx, weight, "dy", dy);
    apart(op, "dx", dx, "dy", dy);
    apart(op, "dx", dx, "weight", weight);
  }

  /** Checks {@link Convolution#backwardWeights}. */
  public static void backwardWeights(
      Window window, int groups, Tensor x, Tensor dy, Tensor dWeight, @Nullable Tensor dBias) {
    String op = "convolutionBackwardWeights";
    KernelArguments.computable(op, x);
    fit(op, window, groups, x, dWeight, "dy", dy);
    apart(op, "dWeight", dWeight, "x", x);
    apart(op, "dWeight", dWeight, "dy", dy);
    if (dBias != null) {
      bias(op, "dBias", dBias, dWeight);
      apart(op, "dBias", dBias, "dy", dy);
      apart(op, "dBias", dBias, "x", x);
      apart(op, "dBias", dBias, "dWeight", dWeight);
    }
  }

  private static void fit(
      String op, Window window, int groups, Tensor x, Tensor weight, String name, Tensor y) {
    rank(op, "x", x, 4);
    rank(op, "weight", weight, 4);
    rank(op, name, y, 4);
    dtype(op, "weight", weight, x);
    dtype(op, name, y, x);
    long c = x.dim(3);
    long o = weight.dim(0);
    if (groups < 1 || c % groups != 0 || o % groups != 0 || weight.dim(1) * groups != c) {
      throw TensorException.mismatch(
          op
              + ": channels of x "
              + x.shape()
              + " do not fit weight "
              + weight.shape()
              + " in "
              + groups
              + " groups, expected [N, H, W, C] and [O, C / groups, kernelH, kernelW]");
    }
    if (weight.dim(2) != window.kernelH() || weight.dim(3) != window.kernelW()) {
      throw TensorException.mismatch(
          op + ": weight " + weight.shape() + " does not fit the window " + window);
    }
    long h = window.outH(x.dim(1));
    long w = window.outW(x.dim(2));
    if (h < 1 || w < 1) {
      throw TensorException.mismatch(
          op + ": x " + x.shape() + " with its padding is smaller than the window " + window);
    }
    if (y.dim(0) != x.dim(0) || y.dim(1) != h || y.dim(2) != w || y.dim(3) != o) {
      throw TensorException.mismatch(
          op
              + ": "
              + name
              + " has shape "
              + y.shape()
              + ", expected "
              + Shape.of(x.dim(0), h, w, o)
              + " for x "
              + x.shape()
              + ", weight "
              + weight.shape()
              + " and window "
              + window);
    }
  }

  private static void bias(String op, String name, Tensor bias, Tensor weight) {
    dtype(op, name, bias, weight);
    if (bias.shape().rank() != 1 || bias.dim(0) != weight.dim(0)) {
      throw TensorException.mismatch(
          op
              + ": "
              + name
              + " has shape "
              + bias.shape()
              + ", expected "
              + Shape.of(weight.dim(0))
              + " for weight "
              + weight.shape());
    }
  }
}
