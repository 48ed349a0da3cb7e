package dev.nagare.models.processing;

import dev.nagare.models.image.ImageSteps;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.Map;

/**
 * The input of a model that sees a picture.
 *
 * @param tensor name of the input, F32
 * @param steps from a file to its numbers
 */
public record ImageInput(String tensor, ImageSteps steps) {

  /** Bytes that one row takes. */
  public long bytes() {
    return Shape.of(steps.shape()).elements() * Float.BYTES + Memory.ALIGNMENT;
  }

  /** One row with the numbers of a picture, by the name of the input. */
  public Map<String, Tensor> tensors(float[] numbers, Memory memory) {
    return Map.of(tensor, memory.of(Shape.of(steps.shape()), numbers));
  }
}
