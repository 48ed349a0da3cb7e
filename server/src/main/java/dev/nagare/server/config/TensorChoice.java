package dev.nagare.server.config;

import dev.nagare.models.inference.TensorSpec;
import dev.nagare.tensor.DType;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which tensor of a model a section of {@code model.yaml} is about. */
final class TensorChoice {
  static final Key TENSOR =
      Key.of(
              "tensor",
              "which input, or output, of the model it is about, FP32; needed where there are"
                  + " several")
          .usually("the only one")
          .within("a name");

  private TensorChoice() {}

  /**
   * The tensor that the key {@code tensor} names; without it the only one.
   *
   * @param least axes that it is to have
   * @param most axes that it is to have
   * @return null if there is none, which is a fault then
   */
  static @Nullable TensorSpec read(Section in, List<TensorSpec> of, int least, int most) {
    String only = of.size() == 1 ? of.getFirst().name() : "";
    String name = in.text(TENSOR, only);
    String names = of.stream().map(TensorSpec::name).collect(Collectors.joining(", "));
    for (TensorSpec spec : of) {
      if (spec.name().equals(name)) {
        int axes = spec.shape().size();
        if (spec.dtype() != DType.F32 || axes < least || axes > most) {
          in.fault(
              TENSOR,
              "expected FP32 of %s axes, got %s, which is %s"
                  .formatted(least == most ? least : least + " to " + most, name, spec));
          return null;
        }
        return spec;
      }
    }
    in.fault(
        TENSOR,
        "expected one of "
            + names
            + ", got "
            + (name.isEmpty() ? "none, and the model has several" : "'" + name + "'"));
    return null;
  }
}
