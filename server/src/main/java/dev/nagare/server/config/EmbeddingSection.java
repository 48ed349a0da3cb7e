package dev.nagare.server.config;

import dev.nagare.models.inference.TensorSpec;
import dev.nagare.models.processing.Embedding;
import dev.nagare.models.text.Pooling;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The section {@code output.embedding} of {@code model.yaml}. */
final class EmbeddingSection {
  private static final Key POOLING =
      Key.of(
          "pooling",
          "how the vectors of a text's own tokens become one, as in sentence-transformers: of an"
              + " output `[texts, ids, width]`; `none` where the model pools itself, of"
              + " `[texts, width]`");
  private static final Key NORMALIZE = Key.of("normalize", "whether vectors get length 1");
  private static final int OF_ROWS = 2;
  private static final int OF_TOKENS = 3;

  private EmbeddingSection() {}

  /** What the section says; null if it has faults that leave no output. */
  static @Nullable Embedding read(Section in, List<TensorSpec> outputs) {
    Pooling pooling = in.choice(POOLING, Pooling.MEAN);
    int axes = pooling == Pooling.NONE ? OF_ROWS : OF_TOKENS;
    TensorSpec spec = TensorChoice.read(in, outputs, axes, axes);
    boolean normalize = in.flag(NORMALIZE, true);
    in.end();
    return spec == null ? null : new Embedding(spec.name(), pooling, normalize);
  }
}
