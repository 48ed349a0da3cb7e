package dev.nagare.server.config;

import dev.nagare.models.inference.Accuracy;
import dev.nagare.models.inference.Precision;
import dev.nagare.tensor.DType;

/** The keys {@code precision} and {@code least-cosine} of a {@code model.yaml}. */
final class PrecisionSection {
  static final Key PRECISION =
      Key.of("precision", "`bf16`: products, convolutions and attention in half the bits");
  static final Key LEAST_COSINE =
      Key.of("least-cosine", "with `bf16`: the least cosine of an output with the same in f32");

  private PrecisionSection() {}

  /** Dtypes in which a model can compute. */
  private enum Word {
    F32,
    BF16
  }

  static Precision read(Section root) {
    if (root.choice(PRECISION, Word.F32) == Word.F32) {
      root.none("only with precision: bf16", LEAST_COSINE);
      return Precision.F32;
    }
    double least = root.decimal(LEAST_COSINE, Accuracy.LEAST_COSINE, -1, true);
    if (least > 1) {
      root.fault(LEAST_COSINE, "expected a number from -1 to 1, got " + least);
    }
    return new Precision(DType.BF16, least);
  }
}
