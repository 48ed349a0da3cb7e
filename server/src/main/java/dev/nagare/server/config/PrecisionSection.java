package dev.nagare.server.config;

import dev.nagare.models.inference.Accuracy;
import dev.nagare.models.inference.Precision;
import dev.nagare.tensor.DType;

/** The keys {@code precision} and {@code least-cosine} of a {@code model.yaml}. */
final class PrecisionSection {
  static final Key PRECISION =
      Key.of(
          "precision",
          "`bf16`: products, convolutions and attention in half the bits, about twice as fast. Where"
              + " the processor does not multiply BF16 a version is not loaded, and says so; one that"
              + " answered goes on");
  static final Key LEAST_COSINE =
      Key.of(
              "least-cosine",
              "with `bf16`: the least cosine, over all elements of an output, with the same in f32."
                  + " It is measured when a version is loaded, over made-up inputs"
                  + " ([how](decisions/0112-half-the-bits-if-little-is-lost.md)); a version that"
                  + " stays below is not loaded, and says its numbers. -1: not measured. `nagare"
                  + " models accuracy` prints it beforehand")
          .within("a number from -1 to 1");

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
