package dev.nagare.loadtest.bench.serve;

import dev.nagare.loadtest.bench.Bench;
import dev.nagare.loadtest.bench.BenchResult;
import dev.nagare.loadtest.bench.Figure;
import dev.nagare.loadtest.bench.MachineFacts;
import dev.nagare.loadtest.bench.infer.InferTask;
import dev.nagare.loadtest.bench.serve.peer.OrtServer;
import dev.nagare.loadtest.bench.serve.wire.Call;
import dev.nagare.loadtest.bench.serve.wire.Generator;
import dev.nagare.loadtest.bench.serve.wire.Transport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Sentences of different lengths, against ONNX Runtime behind a bare Vert.x server: how many of
 * them per second, so that the p99 stays within 100 ms.
 *
 * <p>The peer takes what waits, up to a fixed number, as soon as it is idle, and pads it to the
 * longest; the number that gives it most is taken.
 */
record MinilmServer() implements Figure {
  private static final String NAME = "minilm-server";
  private static final int[] PEER_BATCHES = {1, 2, 4, 8, 16, 32};
  private static final int CONNECTIONS = 256;
  private static final int UNDER_WAY = 32;
  private static final Duration WARM_UP = Duration.ofSeconds(6);
  private static final Duration FULL = Duration.ofSeconds(3);
  private static final double P99 = 0.1;
  private static final Busiest ROUGHLY = new Busiest(P99, Duration.ofSeconds(2), 3);
  private static final Busiest CLOSELY = new Busiest(P99, Duration.ofSeconds(2), 5);
  private static final int ROUNDS = 6;
  private static final double MOST_ERROR = 1e-3;

  @Override
  public List<String> names() {
    return List.of(NAME, NAME + "-bf16");
  }

  @Override
  public List<BenchResult> measure(Bench bench) throws IOException, InterruptedException {
    try (ServeStage stage = ServeStage.open()) {
      ModelFolder models = stage.sentences();
      bench.bar().show(0, NAME + ", ours warms up");
      try (Side ours = ours(stage, models);
          Side peer = best(stage, models.folder().resolve("sentences/1/model.onnx"), ours, bench)) {
        return List.of(measure(ours, peer, bench), bf16());
      }
    }
  }

  private static BenchResult bf16() {
    return BenchResult.missing(
        NAME + "-bf16",
        "1/s",
        "not measured: the server has no setting for BF16 yet (nagare predict --bf16 has)");
  }

  /** A server that is warm. */
  private record Side(
      String name, Subject subject, Generator load, List<byte[]> answers, Saturation most)
      implements AutoCloseable {
    static Side of(String name, Subject subject, List<Call> calls) throws IOException {
      var load = new Generator(subject.port(), Transport.http(CONNECTIONS), calls);
      List<byte[]> answers = load.answers();
      load.closed(UNDER_WAY, WARM_UP);
      return new Side(name, subject, load, answers, Saturation.of(load, subject, UNDER_WAY, FULL));
    }

    @Override
    public void close() throws IOException {
      load.close();
      subject.end();
    }
  }

  private static Side ours(ServeStage stage, ModelFolder models)
      throws IOException, InterruptedException {
    Subject subject = stage.server("ours", models, "");
    List<Call> calls = new ArrayList<>();
    for (int length : InferTask.mixedLengths()) {
      calls.add(Dialect.BINARY.ask(subject.port(), Sentence.MODEL, Sentence.of(length), ""));
    }
    return Side.of("ours", subject, calls);
  }

  private static Side peer(ServeStage stage, Path model, int batch)
      throws IOException, InterruptedException {
    Subject subject =
        stage.peer(OrtServer.class, List.of(model.toString(), Integer.toString(batch)));
    List<Call> calls = new ArrayList<>();
    for (int length : InferTask.mixedLengths()) {
      var body = new ByteArrayOutputStream();
      Sentence.of(length).forEach(input -> body.writeBytes(input.bytes()));
      calls.add(Dialect.post(subject.port(), "/", "", body.toByteArray()));
    }
    return Side.of("at most " + batch + " at a time", subject, calls);
  }

  private static Side best(ServeStage stage, Path model, Side ours, Bench bench)
      throws IOException, InterruptedException {
    int best = 1;
    double most = -1;
    for (int batch : PEER_BATCHES) {
      bench.bar().show(0, NAME + ", the peer with " + batch + " at a time");
      try (Side side = peer(stage, model, batch)) {
        agree(ours.answers, side.answers);
        double rate = ROUGHLY.rate(side.load, side.most.rate());
        if (rate > most) {
          most = rate;
          best = batch;
        }
      }
    }
    return peer(stage, model, best);
  }

  /** The vectors of all tokens stand at the end of both answers. */
  private static void agree(List<byte[]> ours, List<byte[]> theirs) throws IOException {
    for (int call = 0; call < ours.size(); call++) {
      FloatBuffer expected = floats(theirs.get(call), 0);
      FloatBuffer got = floats(ours.get(call), ours.get(call).length - 4 * expected.remaining());
      double scale = 0;
      double error = 0;
      for (int i = 0; i < expected.remaining(); i++) {
        scale = Math.max(scale, Math.abs(expected.get(i)));
        error = Math.max(error, Math.abs(expected.get(i) - got.get(i)));
      }
      if (!(error <= MOST_ERROR * scale)) {
        throw new IOException(
            NAME
                + ": the answers to sentence "
                + call
                + " differ by "
                + error
                + ": no rate counts");
      }
    }
  }

  private static FloatBuffer floats(byte[] bytes, int from) throws IOException {
    if (from < 0) {
      throw new IOException(NAME + ": an answer of " + bytes.length + " bytes is too short");
    }
    return ByteBuffer.wrap(bytes, from, bytes.length - from)
        .slice()
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer();
  }

  private static BenchResult measure(Side ours, Side peer, Bench bench)
      throws IOException, InterruptedException {
    if (!ours.most.counts() || !peer.most.counts()) {
      Saturation less = ours.most.counts() ? peer.most : ours.most;
      return BenchResult.missing(NAME, "1/s", less.voidBecause("a server"));
    }
    var rates = new Pairs(ROUNDS);
    for (int turn = 0; !rates.full(); turn++) {
      Side first = turn % 2 == 0 ? ours : peer;
      Side second = turn % 2 == 0 ? peer : ours;
      double a = CLOSELY.rate(first.load, first.most.rate());
      double b = CLOSELY.rate(second.load, second.most.rate());
      rates.add(turn % 2 == 0 ? a : b, turn % 2 == 0 ? b : a);
      bench.bar().show(rates.share(), NAME + ", " + rates.count() + " of " + ROUNDS);
    }
    return rates.rates(
        NAME,
        "ONNX Runtime 1.26.0, one thread, behind bare Vert.x, " + peer.name,
        String.format(
            Locale.ROOT,
            "MiniLM, 32 sentences of 4 to 128 tokens, 30 on average; highest rate with a p99 within"
                + " %.0f ms, %d rounds in turn; when there is always something to do, ours %s, peer"
                + " %s; server on core 0, load on core 1; %s",
            P99 * 1e3,
            ROUNDS,
            ours.most.words(),
            peer.most.words(),
            MachineFacts.line()));
  }
}
