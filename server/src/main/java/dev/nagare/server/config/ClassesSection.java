package dev.nagare.server.config;

import dev.nagare.graph.Dim;
import dev.nagare.models.inference.TensorSpec;
import dev.nagare.models.processing.Classes;
import dev.nagare.models.processing.LabelFile;
import dev.nagare.models.repository.ModelPackage;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The section {@code output.classes} of {@code model.yaml}. */
final class ClassesSection {
  private static final Key LABELS =
      Key.of(
              "labels",
              "a label in each line, UTF-8, the first is class 0; as many as the model has classes."
                  + " Without it labels are numbers")
          .within("a file in the version's folder");
  private static final Key TOP_K =
      Key.of("top-k", "how many are answered, best first; of equal scores the lower index");
  private static final Key SOFTMAX =
      Key.of(
          "softmax",
          "whether scores become probabilities over all classes; `false` where the model ends in"
              + " it");
  private static final int TOP = 5;
  private static final int MOST_AXES = 4;

  private ClassesSection() {}

  /** What the section says; null if it has faults that leave no output. */
  static @Nullable Classes read(Section in, ModelPackage found, List<TensorSpec> outputs) {
    TensorSpec spec = TensorChoice.read(in, outputs, 1, MOST_AXES);
    String file = in.text(LABELS, "");
    List<String> labels = file.isEmpty() ? List.of() : labels(in, found, file);
    long classes = spec == null ? -1 : classes(spec.shape());
    if (!labels.isEmpty() && classes >= 0 && classes != labels.size()) {
      in.fault(LABELS, "expected " + classes + " as the model has, got " + labels.size());
    }
    int top = in.integer(TOP_K, TOP, 1, 65_536);
    boolean softmax = in.flag(SOFTMAX, true);
    in.end();
    return spec == null ? null : new Classes(spec.name(), labels, top, softmax);
  }

  private static List<String> labels(Section in, ModelPackage found, String file) {
    try {
      return LabelFile.read(found.file(file));
    } catch (IOException e) {
      in.fault(LABELS, String.valueOf(e.getMessage()));
      return List.of();
    }
  }

  /** Classes of a row; -1 if that is open. */
  private static long classes(List<Dim> shape) {
    long classes = 1;
    for (Dim dim : shape.subList(shape.size() == 1 ? 0 : 1, shape.size())) {
      if (!dim.isKnown()) {
        return -1;
      }
      classes *= dim.value();
    }
    return classes;
  }
}
