package dev.nagare.loadtest.bench.train;

import dev.nagare.loadtest.bench.Figure;
import dev.nagare.loadtest.bench.duel.Agreement;
import dev.nagare.loadtest.bench.duel.Duel;
import dev.nagare.loadtest.bench.duel.HeapPerStep;
import dev.nagare.loadtest.bench.duel.PeakShare;
import dev.nagare.loadtest.bench.duel.PeakSide;
import java.util.List;

/** The suite {@code train}. */
public final class TrainSuite {
  /**
   * Losses of f32 programs that sum in another order; from the same weights they stay this close.
   */
  private static final double TOLERANCE = 1e-4;

  static final Duel LSTM_B1 =
      new Duel(
          "lstm-b1",
          TrainSide.NAGARE_LSTM_B1,
          List.of(TrainSide.LIBTORCH_LSTM_B1_1T, TrainSide.LIBTORCH_LSTM_B1_2T),
          Agreement.within(TOLERANCE),
          2_000,
          200,
          1,
          true);

  private static final Duel LSTM_B16 =
      new Duel(
          "lstm-b16",
          TrainSide.NAGARE_LSTM_B16,
          List.of(TrainSide.LIBTORCH_LSTM_B16_1T, TrainSide.LIBTORCH_LSTM_B16_2T),
          Agreement.within(TOLERANCE),
          1_500,
          100);

  private static final Duel LSTM_B32_H128 =
      new Duel(
          "lstm-b32-h128",
          TrainSide.NAGARE_LSTM_B32_H128,
          List.of(TrainSide.LIBTORCH_LSTM_B32_H128_1T, TrainSide.LIBTORCH_LSTM_B32_H128_2T),
          Agreement.within(TOLERANCE),
          400,
          20);

  private static final Duel CNN =
      new Duel(
          "cnn-b16",
          TrainSide.NAGARE_CNN,
          List.of(
              TrainSide.LIBTORCH_CNN_1T,
              TrainSide.LIBTORCH_CNN_2T,
              TrainSide.LIBTORCH_CNN_1T_LAST,
              TrainSide.LIBTORCH_CNN_2T_LAST),
          Agreement.within(TOLERANCE),
          80,
          6);

  private static final Duel TRANSFORMER =
      new Duel(
          "transformer-b16",
          TrainSide.NAGARE_TRANSFORMER,
          List.of(TrainSide.LIBTORCH_TRANSFORMER_1T, TrainSide.LIBTORCH_TRANSFORMER_2T),
          Agreement.within(TOLERANCE),
          120,
          8);

  private static final Duel ADAMW =
      new Duel(
          "adamw-10m",
          TrainSide.NAGARE_ADAMW,
          List.of(TrainSide.LIBTORCH_ADAMW_1T, TrainSide.LIBTORCH_ADAMW_2T),
          Agreement.within(TOLERANCE),
          40,
          5);

  /** Against what the peer could do if its allocator were told to. */
  private static final Duel ADAMW_KEPT =
      new Duel(
          "adamw-10m-kept",
          TrainSide.NAGARE_ADAMW,
          List.of(TrainSide.LIBTORCH_ADAMW_1T_KEPT, TrainSide.LIBTORCH_ADAMW_2T_KEPT),
          Agreement.within(TOLERANCE),
          40,
          5);

  private static final Duel ADAMW_LOOP =
      new Duel(
          "adamw-10m-loop",
          TrainSide.NAGARE_ADAMW,
          List.of(TrainSide.ADAMW_LOOP),
          Agreement.none(),
          60,
          10);

  private static final Duel OP_SMALL =
      new Duel(
          "op-small",
          TrainSide.NAGARE_OP_SMALL,
          List.of(TrainSide.LIBTORCH_OP_SMALL_1T, TrainSide.LIBTORCH_OP_SMALL_2T),
          Agreement.within(0),
          20_000,
          200,
          SmallAdd.ADDITIONS,
          false);

  private static final Duel MATMUL =
      new Duel(
          "matmul-512",
          TrainSide.NAGARE_MATMUL_512,
          List.of(new PeakSide(MatmulNagare.OPERATIONS)),
          Agreement.none(),
          400,
          20);

  private static final Duel CONVOLUTION =
      new Duel(
          "conv-3x3-64",
          TrainSide.NAGARE_CONVOLUTION,
          List.of(new PeakSide(ConvolutionNagare.OPERATIONS)),
          Agreement.none(),
          200,
          10);

  /** Its figures, in the order of the table. */
  public static final List<Figure> FIGURES =
      List.of(
          LSTM_B1,
          LSTM_B16,
          LSTM_B32_H128,
          CNN,
          TRANSFORMER,
          ADAMW,
          ADAMW_KEPT,
          ADAMW_LOOP,
          OP_SMALL,
          new HeapPerStep("lstm-b1-heap", TrainSide.NAGARE_LSTM_B1, 20_000, 2_000),
          new PeakShare(MATMUL, MatmulNagare.OPERATIONS),
          new PeakShare(CONVOLUTION, ConvolutionNagare.OPERATIONS));

  private TrainSuite() {}
}
