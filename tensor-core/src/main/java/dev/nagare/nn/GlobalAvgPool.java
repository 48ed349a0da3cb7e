package dev.nagare.nn;

import dev.nagare.autograd.Variable;

/**
 * The mean of each channel of an image or a sequence, which ends a convolutional network.
 *
 * <p>Shapes: {@code [N, C, H, W] -> [N, C]} or {@code [N, C, L] -> [N, C]}. Dtypes: F32, F64.
 * Gradient: in equal shares. Source: {@code x.mean((2, 3))} in PyTorch; {@code GlobalAveragePool}
 * in ONNX, which keeps the axes.
 */
public record GlobalAvgPool() implements Layer {

  @Override
  public Variable forward(Variable x) {
    return x.globalAveragePool();
  }
}
