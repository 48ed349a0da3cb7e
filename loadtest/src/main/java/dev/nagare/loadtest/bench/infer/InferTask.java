package dev.nagare.loadtest.bench.infer;

import com.google.errorprone.annotations.Immutable;
import dev.nagare.loadtest.onnx.LstmModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** What is asked in a step, by seed, so that both sides ask the same. */
public enum InferTask {
  MINILM_T16(ModelFile.MINILM, 200, 20, () -> sentences(16)),
  MINILM_T128(ModelFile.MINILM, 40, 5, () -> sentences(128)),
  MINILM_MIXED(ModelFile.MINILM, 6, 1, () -> sentences(mixedLengths())),
  RESNET50(ModelFile.RESNET50, 20, 3, () -> image("gpu_0/data_0", 3, 224, 224)),
  SQUEEZENET(ModelFile.SQUEEZENET, 150, 15, () -> image("data_0", 3, 224, 224)),
  DENSENET121(ModelFile.DENSENET121, 20, 3, () -> image("data_0", 3, 224, 224)),
  OCR_CLS(ModelFile.OCR_CLS, 1_000, 50, () -> image("x", 3, 48, 192)),
  DIGITS(ModelFile.DIGITS, 5_000, 200, () -> image("image", 1, 28, 28)),
  LSTM(ModelFile.LSTM, 5_000, 200, () -> image("window", LstmModel.TIME, LstmModel.INPUT));

  private static final long SEED = 5;
  private static final int SENTENCES = 32;
  private static final int SHORTEST = 4;
  private static final int LONGEST = 128;
  private static final int MEAN = 30;

  private final ModelFile model;
  private final int warmUpSteps;
  private final int blockSteps;
  private final Asked asked;

  /** Makes the requests. */
  @Immutable
  private interface Asked {
    List<Request> requests();
  }

  InferTask(ModelFile model, int warmUpSteps, int blockSteps, Asked asked) {
    this.model = model;
    this.warmUpSteps = warmUpSteps;
    this.blockSteps = blockSteps;
    this.asked = asked;
  }

  ModelFile model() {
    return model;
  }

  /** Steps before the first block. */
  int warmUpSteps() {
    return warmUpSteps;
  }

  /** Steps in a block. */
  int blockSteps() {
    return blockSteps;
  }

  List<Request> requests() {
    return asked.requests();
  }

  /** What the row says of it; empty if its name says all. */
  String note() {
    return this == MINILM_MIXED ? ", lengths " + Arrays.toString(mixedLengths()) : "";
  }

  /**
   * Lengths of sentences: few long ones, many short ones. Squares of uniform numbers have the mean
   * 1/3 of the range; what is too much is taken from any of them, a token at a time.
   */
  public static int[] mixedLengths() {
    var random = new SplittableRandom(SEED);
    int[] lengths = new int[SENTENCES];
    for (int i = 0; i < lengths.length; i++) {
      double uniform = random.nextDouble();
      lengths[i] = SHORTEST + (int) (uniform * uniform * (LONGEST - SHORTEST));
    }
    lengths[random.nextInt(SENTENCES)] = SHORTEST;
    lengths[random.nextInt(SENTENCES)] = LONGEST;
    int excess = Arrays.stream(lengths).sum() - MEAN * SENTENCES;
    while (excess != 0) {
      int i = random.nextInt(SENTENCES);
      if (lengths[i] > SHORTEST + 1 && lengths[i] < LONGEST - 1) {
        int step = Integer.signum(excess);
        lengths[i] -= step;
        excess -= step;
      }
    }
    return lengths;
  }

  private static List<Request> sentences(int... lengths) {
    var random = new SplittableRandom(SEED);
    List<Request> requests = new ArrayList<>();
    for (int length : lengths) {
      long[] ids = new long[length];
      Arrays.setAll(ids, i -> random.nextLong(1_000, 30_000));
      ids[0] = 101;
      ids[length - 1] = 102;
      long[] ones = new long[length];
      Arrays.fill(ones, 1);
      long[] dims = {1, length};
      requests.add(
          new Request(
              List.of(
                  new Input.Longs("input_ids", dims, ids),
                  new Input.Longs("attention_mask", dims, ones),
                  new Input.Longs("token_type_ids", dims, new long[length])),
              length));
    }
    return requests;
  }

  private static List<Request> image(String name, long... dims) {
    var random = new SplittableRandom(SEED);
    float[] values = new float[(int) Arrays.stream(dims).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    long[] batch = new long[dims.length + 1];
    batch[0] = 1;
    System.arraycopy(dims, 0, batch, 1, dims.length);
    return List.of(new Request(List.of(new Input.Floats(name, batch, values)), 0));
  }
}
