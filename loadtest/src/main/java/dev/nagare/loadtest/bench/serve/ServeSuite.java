package dev.nagare.loadtest.bench.serve;

import dev.nagare.loadtest.bench.Figure;
import dev.nagare.loadtest.bench.serve.peer.GrpcEcho;
import dev.nagare.loadtest.bench.serve.peer.HttpEcho;
import dev.nagare.loadtest.onnx.DigitsModel;
import dev.nagare.loadtest.onnx.LstmModel;
import java.util.List;

/** The suite {@code serve}. */
public final class ServeSuite {
  /** Its figures, in the order of the table. */
  public static final List<Figure> FIGURES =
      List.of(
          new EchoRatio("overhead", Dialect.BINARY, HttpEcho.class),
          new EchoRatio("json", Dialect.JSON, HttpEcho.class),
          new EchoRatio("grpc", Dialect.GRPC, GrpcEcho.class),
          new Batching(
              "batching-digits",
              "digits",
              DigitsModel::write,
              Tensor.floats("image", 1, 1, 28, 28)),
          new Batching(
              "batching-lstm",
              "lstm",
              LstmModel::write,
              Tensor.floats("window", 1, LstmModel.TIME, LstmModel.INPUT)),
          new Overload(),
          new MinilmServer(),
          new Swap(),
          new Start(),
          new DeliveryPrice(new ScoreTask()),
          new DeliveryPrice(new JoinTask()));

  private ServeSuite() {}
}
