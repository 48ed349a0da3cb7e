package dev.nagare.streaming.protocol;

import dev.nagare.tensor.DType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a caller wants an answer written: an affair of the door, which models know nothing of.
 *
 * @param binary whether outputs go as bytes after the JSON unless they say otherwise
 * @param outputs those that were named
 */
public record AnswerForm(boolean binary, List<Named> outputs) {
  /** Everything as JSON. */
  public static final AnswerForm JSON = new AnswerForm(false, List.of());

  /** Everything as bytes. */
  public static final AnswerForm BINARY = new AnswerForm(true, List.of());

  /**
   * An output that was asked for by name.
   *
   * @param name of the output
   * @param binary whether it goes as bytes; null for as the others
   * @param classes so many of the highest scores, as text; 0 for the tensor itself
   */
  public record Named(String name, @Nullable Boolean binary, int classes) {}

  /** Whether an output goes as bytes. */
  boolean isBinary(String output) {
    Named named = named(output);
    Boolean own = named == null ? null : named.binary();
    return own == null ? binary : own;
  }

  /**
   * The most that an output takes: as bytes, or as the longest numbers that its type has in JSON.
   *
   * @return {@link Long#MAX_VALUE} if that is more than can be counted
   */
  public long bytes(String output, DType dtype, long elements) {
    // Of classes a few are written, in place of what the model gave.
    boolean asIs = isBinary(output) || classes(output) > 0;
    int each = asIs ? dtype.bytes() : longestInJson(dtype);
    return elements > Long.MAX_VALUE / each ? Long.MAX_VALUE : elements * each;
  }

  /** The most that the outputs of an answer take. */
  public long bytes(InferenceResponse answer) {
    long bytes = 0;
    for (InferenceResponse.Output output : answer.outputs()) {
      bytes += bytes(output.name(), output.dtype(), output.elements());
    }
    return bytes;
  }

  /** With what separates it from the next. */
  private static int longestInJson(DType dtype) {
    return switch (dtype) {
      case BOOL -> "false,".length();
      case U8 -> "255,".length();
      case I32 -> "-2147483648,".length();
      case I64 -> "-9223372036854775808,".length();
      case F32, BF16 -> "-1.17549435E-38,".length();
      case F64 -> "-2.2250738585072014E-308,".length();
    };
  }

  /** Whether some output goes as JSON. */
  public boolean hasJson() {
    return outputs.isEmpty()
        ? !binary
        : outputs.stream().anyMatch(named -> !isBinary(named.name()));
  }

  /** How many classes of an output are wanted; 0 for the tensor itself. */
  int classes(String output) {
    Named named = named(output);
    return named == null ? 0 : named.classes();
  }

  private @Nullable Named named(String output) {
    for (Named named : outputs) {
      if (named.name().equals(output)) {
        return named;
      }
    }
    return null;
  }
}
