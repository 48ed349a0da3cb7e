package dev.nagare.streaming.protocol;

import dev.nagare.tensor.DType;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The classification extension: the highest scores of each row as text {@code score:index}, highest
 * first.
 *
 * @param shape {@code [rows, classes]}; {@code [classes]} for an output of one axis
 * @param texts row by row
 */
record TopClasses(List<Long> shape, List<String> texts) {

  /** Of an output whose first axis, if there are others, counts rows. */
  static TopClasses of(InferenceResponse.Output output, int most) {
    List<Long> sizes = output.shape();
    boolean rows = sizes.size() > 1;
    int count = output.elements();
    long row = rows ? sizes.getFirst() : 1;
    int width = count == 0 ? 0 : (int) (count / row);
    int classes = Math.min(most, width);
    List<String> texts = new ArrayList<>();
    // Without elements there may be any number of rows, as the caller says.
    for (int r = 0; classes > 0 && r < row; r++) {
      int first = r * width;
      IntStream.range(0, width)
          .boxed()
          .sorted(Comparator.comparingDouble((Integer i) -> score(output, first + i)).reversed())
          .limit(classes)
          .forEach(i -> texts.add(text(output, first + i) + ":" + i));
    }
    List<Long> shape = rows ? List.of(row, (long) classes) : List.of((long) classes);
    return new TopClasses(shape, texts);
  }

  /** Each as its length, four bytes little-endian, and UTF-8. */
  byte[] bytes() {
    var all = new ByteArrayOutputStream();
    for (String text : texts) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
        all.write(utf8.length >>> shift);
      }
      all.writeBytes(utf8);
    }
    return all.toByteArray();
  }

  private static double score(InferenceResponse.Output output, int at) {
    double score = output.number(at);
    return Double.isNaN(score) ? Double.NEGATIVE_INFINITY : score;
  }

  private static String text(InferenceResponse.Output output, int at) {
    if (output.dtype() == DType.F64) {
      return Double.toString(output.number(at));
    }
    return output.dtype().isFloating()
        ? Float.toString((float) output.number(at))
        : Long.toString(output.whole(at));
  }
}
