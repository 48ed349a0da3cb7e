package dev.nagare.nn;

import dev.nagare.autograd.Variable;

/**
 * The means of equal parts of an image, in each channel: part p of an axis reaches from {@code ⌊p ·
 * H / H'⌋} up to {@code ⌈(p + 1) · H / H'⌉}.
 *
 * <p>Shapes: {@code [N, C, H, W] -> [N, C, outH, outW]}. Results lie channels-last in memory.
 * Dtypes: F32, F64. Gradient: in equal shares. Source: {@code torch.nn.AdaptiveAvgPool2d}.
 *
 * @param outH parts from top to bottom, at least 1
 * @param outW parts from left to right, at least 1
 */
public record AdaptiveAvgPool2d(int outH, int outW) implements Layer {

  @Override
  public Variable forward(Variable x) {
    return x.adaptiveAveragePool(outH, outW);
  }
}
