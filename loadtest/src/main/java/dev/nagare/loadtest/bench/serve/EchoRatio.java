package dev.nagare.loadtest.bench.serve;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nagare.loadtest.bench.Bench;
import dev.nagare.loadtest.bench.BenchResult;
import dev.nagare.loadtest.bench.Figure;
import dev.nagare.loadtest.bench.Idle;
import dev.nagare.loadtest.bench.MachineFacts;
import dev.nagare.loadtest.bench.serve.wire.Call;
import dev.nagare.loadtest.bench.serve.wire.Generator;
import dev.nagare.loadtest.bench.serve.wire.Tally;
import dev.nagare.loadtest.onnx.ReluModel;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a request costs beside its model: processor time of the server, for a model that costs
 * nothing, against a bare server that sends the same request back. Blocks of the same rate, half of
 * what ours can do, go to the one and the other in turn.
 *
 * @param name of the row; the row of times has {@code -p99} added
 * @param dialect of the requests
 * @param echo the peer's main class
 */
record EchoRatio(String name, Dialect dialect, Class<?> echo) implements Figure {
  private static final String MODEL = "relu";
  private static final int CONNECTIONS = 64;
  private static final int UNDER_WAY = 64;
  private static final Duration BLOCK = Duration.ofMillis(700);
  private static final Duration IDLE = Duration.ofMillis(100);

  @Override
  public List<String> names() {
    return List.of(name, name + "-p99");
  }

  @Override
  public List<BenchResult> measure(Bench bench) throws IOException, InterruptedException {
    try (ServeStage stage = ServeStage.open()) {
      bench.bar().show(0, name + ", starting both servers");
      ModelFolder models = stage.models("models").add(MODEL, 1, ReluModel::write);
      Subject ours = stage.server("ours", models, "");
      Subject peer = stage.peer(echo, List.of());
      try (Generator toOurs = generator(ours);
          Generator toPeer = generator(peer)) {
        check(toOurs.answers().getFirst());
        check(toPeer.answers().getFirst());
        return measure(new Side(ours, toOurs), new Side(peer, toPeer), bench);
      }
    }
  }

  private static Tensor row() {
    return Tensor.floats("x", 1, ReluModel.WIDTH);
  }

  private Call call(Subject subject) throws IOException {
    return dialect.ask(dialect.port(subject), MODEL, List.of(row()), "");
  }

  private Generator generator(Subject subject) throws IOException {
    return new Generator(
        dialect.port(subject), dialect.transport(CONNECTIONS), List.of(call(subject)));
  }

  /** The values are all above 0: what comes back is what was sent. */
  private void check(byte[] answer) throws IOException {
    String sent = row().text();
    byte[] tensor = row().bytes();
    boolean right =
        dialect == Dialect.JSON
            ? new String(answer, UTF_8).contains("[" + sent + "]")
            : answer.length > tensor.length
                && Arrays.equals(
                    tensor,
                    Arrays.copyOfRange(answer, answer.length - tensor.length, answer.length));
    if (!right) {
      throw new IOException(
          name + ": expected the values that were sent, got " + new String(answer, UTF_8));
    }
  }

  /** A server, its load, and what a block of it showed. */
  private static final class Side {
    private final Subject subject;
    private final Generator load;

    Side(Subject subject, Generator load) {
      this.subject = subject;
      this.load = load;
    }

    Saturation warm() throws IOException {
      return Saturation.warm(load, subject, UNDER_WAY);
    }

    Block block(double rate) throws IOException, InterruptedException {
      Idle.spend(IDLE);
      double before = subject.cpuSeconds();
      Tally tally = load.open(rate, BLOCK, null);
      if (tally.failed() + tally.refused() + tally.late() > 0) {
        throw new IOException("a block at half of saturation: " + tally.counts());
      }
      return new Block((subject.cpuSeconds() - before) / tally.answered(), tally);
    }
  }

  /**
   * A block of load.
   *
   * @param cpu seconds of processor time per request
   */
  private record Block(double cpu, Tally tally) {}

  private List<BenchResult> measure(Side ours, Side peer, Bench bench)
      throws IOException, InterruptedException {
    bench.bar().show(0, name + ", what our server can do");
    Saturation most = ours.warm();
    bench.bar().show(0, name + ", what the echo can do");
    Saturation peers = peer.warm();
    if (!most.counts()) {
      String why = most.voidBecause("ours");
      return names().stream().map(row -> BenchResult.missing(row, "s", why)).toList();
    }
    double rate = most.rate() / 2;
    int pairs = bench.pairs();
    var cpu = new Pairs(pairs);
    var p99 = new Pairs(pairs);
    var lag = new Lag();
    for (int turn = 0; !cpu.full(); turn++) {
      Block first = (turn % 2 == 0 ? ours : peer).block(rate);
      Block second = (turn % 2 == 0 ? peer : ours).block(rate);
      boolean firstCounts = lag.allows(first.tally);
      if (lag.allows(second.tally) && firstCounts) {
        Block our = turn % 2 == 0 ? first : second;
        Block their = turn % 2 == 0 ? second : first;
        cpu.add(our.cpu, their.cpu);
        p99.add(our.tally.latency(0.99), their.tally.latency(0.99));
      }
      if (lag.spoils(pairs)) {
        return names().stream()
            .map(row -> BenchResult.missing(row, "s", "void: " + lag.words()))
            .toList();
      }
      bench.bar().show(cpu.share(), name + ", " + cpu.count() + " of " + pairs + " pairs");
    }
    String note =
        String.format(
            Locale.ROOT,
            "%d pairs of %d ms at %,.0f requests/s, half of our saturation: ours %s, echo %s, which"
                + " is %.2f x; %s; server on core 0, load on core 1; %s",
            pairs,
            BLOCK.toMillis(),
            rate,
            most.words(),
            peers.words(),
            most.rate() / peers.rate(),
            lag.words(),
            MachineFacts.line());
    return List.of(
        cpu.times(name, "bare Vert.x, the same body back", "processor time per request; " + note),
        p99.times(
            name + "-p99",
            "bare Vert.x, the same body back, at the same rate",
            "p99 from the moment that a request was due; " + note));
  }
}
