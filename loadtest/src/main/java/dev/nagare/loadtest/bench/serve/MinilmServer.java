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
import dev.nagare.tensor.kernel.KernelProviders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Sentences of different lengths, against ONNX Runtime behind a bare Vert.x server: how many of
 * them per second, so that the p99 stays within 100 ms.
 *
 * <p>Ours is told the target, its one knob. The peer takes what waits, up to a fixed number, as
 * soon as it is idle, and pads it to the longest; the number that gives it most is taken.
 */
record MinilmServer() implements Figure {
  private static final String NAME = "minilm-server";
  private static final String HALF = NAME + "-bf16";
  private static final int[] PEER_BATCHES = {1, 2, 4, 8, 16, 32};
  private static final int CONNECTIONS = 256;
  private static final int UNDER_WAY = 16; // what fits into the time
  private static final int PEERS_UNDER_WAY = 32; // its largest batch
  private static final int P99_MILLIS = 100;
  private static final double P99 = P99_MILLIS / 1e3;
  private static final Busiest ROUGHLY = new Busiest(P99, Duration.ofSeconds(2), 3);
  private static final Busiest CLOSELY = new Busiest(P99, Duration.ofSeconds(2), 5);
  private static final int ROUNDS = 6;

  @Override
  public List<String> names() {
    return List.of(NAME, HALF);
  }

  @Override
  public List<BenchResult> measure(Bench bench) throws IOException, InterruptedException {
    try (ServeStage stage = ServeStage.open()) {
      ModelFolder models = stage.sentences();
      bench.bar().show(0, NAME + ", ours warms up");
      Path file = models.folder().resolve("sentences/1/model.onnx");
      List<BenchResult> rows = new ArrayList<>();
      try (Side ours = ours(stage, "ours", models);
          Side peer = best(stage, file, ours, bench)) {
        rows.add(measure(NAME, ours, peer, bench));
        String why = KernelProviders.best().kernels().prepared().whyNoBFloat16();
        rows.add(
            why.isEmpty()
                ? half(stage, file, peer, bench)
                : BenchResult.missing(HALF, "1/s", "not measured: " + why));
      }
      return rows;
    }
  }

  /** The same model in BF16 against the same peer. */
  private static BenchResult half(ServeStage stage, Path file, Side peer, Bench bench)
      throws IOException, InterruptedException {
    bench.bar().show(0, HALF + ", ours warms up");
    ModelFolder models =
        stage
            .models("halves")
            .add(Sentence.MODEL, 1, to -> Files.copy(file, to))
            .says(Sentence.MODEL, "precision: bf16\n");
    try (Side ours = ours(stage, "half", models)) {
      TokenVectors.BF16.require(ours.answers, peer.answers);
      return measure(HALF, ours, peer, bench);
    }
  }

  /** A server that is warm. */
  private record Side(
      String name, Subject subject, Generator load, List<byte[]> answers, Saturation most)
      implements AutoCloseable {
    static Side of(String name, Subject subject, List<Call> calls, int underWay)
        throws IOException {
      var load = new Generator(subject.port(), Transport.http(CONNECTIONS), calls);
      List<byte[]> answers = load.answers();
      Saturation most = Saturation.warm(load, subject, underWay);
      return new Side(name, subject, load, answers, most);
    }

    @Override
    public void close() throws IOException {
      load.close();
      subject.end();
    }
  }

  private static Side ours(ServeStage stage, String name, ModelFolder models)
      throws IOException, InterruptedException {
    Subject subject = stage.server(name, models, "compute: {target-p99-ms: " + P99_MILLIS + "}");
    List<Call> calls = new ArrayList<>();
    for (int length : InferTask.mixedLengths()) {
      calls.add(Dialect.BINARY.ask(subject.port(), Sentence.MODEL, Sentence.of(length), ""));
    }
    return Side.of(name, subject, calls, UNDER_WAY);
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
    return Side.of("at most " + batch + " at a time", subject, calls, PEERS_UNDER_WAY);
  }

  private static Side best(ServeStage stage, Path model, Side ours, Bench bench)
      throws IOException, InterruptedException {
    int best = 1;
    double most = -1;
    for (int batch : PEER_BATCHES) {
      bench.bar().show(0, NAME + ", the peer with " + batch + " at a time");
      try (Side side = peer(stage, model, batch)) {
        TokenVectors.F32.require(ours.answers, side.answers);
        double rate = ROUGHLY.rate(side.load, side.most.rate(), new Lag());
        if (rate > most) {
          most = rate;
          best = batch;
        }
      }
    }
    return peer(stage, model, best);
  }

  private static BenchResult measure(String name, Side ours, Side peer, Bench bench)
      throws IOException, InterruptedException {
    if (!ours.most.counts() || !peer.most.counts()) {
      Saturation less = ours.most.counts() ? peer.most : ours.most;
      return BenchResult.missing(name, "1/s", less.voidBecause("a server"));
    }
    var rates = new Pairs(ROUNDS);
    var lag = new Lag();
    for (int turn = 0; !rates.full(); turn++) {
      Side first = turn % 2 == 0 ? ours : peer;
      Side second = turn % 2 == 0 ? peer : ours;
      double a = CLOSELY.rate(first.load, first.most.rate(), lag);
      double b = CLOSELY.rate(second.load, second.most.rate(), lag);
      rates.add(turn % 2 == 0 ? a : b, turn % 2 == 0 ? b : a);
      if (lag.spoils(ROUNDS)) {
        return BenchResult.missing(name, "1/s", "void: " + lag.words());
      }
      bench.bar().show(rates.share(), name + ", " + rates.count() + " of " + ROUNDS);
    }
    return rates.rates(
        name,
        "ONNX Runtime 1.26.0, one thread, behind bare Vert.x, " + peer.name,
        String.format(
            Locale.ROOT,
            "MiniLM%s, 32 sentences of 4 to 128 tokens, 30 on average; highest rate with a p99 within"
                + " %.0f ms, %d rounds in turn; when there is always something to do, ours %s, peer"
                + " %s; %s; server on core 0, load on core 1; %s",
            name.equals(HALF) ? " in bf16, the peer's in f32" : "",
            P99 * 1e3,
            ROUNDS,
            ours.most.words(),
            peer.most.words(),
            lag.words(),
            MachineFacts.line()));
  }
}
