package dev.nagare.loadtest.bench.serve;

import dev.nagare.loadtest.bench.Bench;
import dev.nagare.loadtest.bench.BenchResult;
import dev.nagare.loadtest.bench.Figure;
import dev.nagare.loadtest.bench.Idle;
import dev.nagare.loadtest.bench.MachineFacts;
import dev.nagare.loadtest.bench.Samples;
import dev.nagare.loadtest.bench.serve.wire.Call;
import dev.nagare.loadtest.bench.serve.wire.Generator;
import dev.nagare.loadtest.bench.serve.wire.Tally;
import dev.nagare.loadtest.bench.serve.wire.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What comes in time when more is asked than can be answered: sentences of 16 tokens whose callers
 * wait for 100 ms and say so, at one, two and three times what the server can do at most.
 */
record Overload() implements Figure {
  private static final String NAME = "overload";
  private static final int TOKENS = 16;
  private static final Duration DEADLINE = Duration.ofMillis(100);
  private static final int CONNECTIONS = 512;
  private static final int[] UNDER_WAY = {8, 16, 24};
  private static final Duration WARM_UP = Duration.ofSeconds(8);
  private static final int ROUNDS = 8;
  private static final Duration BLOCK = Duration.ofSeconds(4);
  private static final Duration IDLE = Duration.ofMillis(200);

  @Override
  public List<String> names() {
    return List.of(NAME, NAME + "-2x", NAME + "-1x", NAME + "-refusal", NAME + "-memory");
  }

  @Override
  public List<BenchResult> measure(Bench bench) throws IOException, InterruptedException {
    try (ServeStage stage = ServeStage.open()) {
      bench.bar().show(0, NAME + ", starting the server");
      Subject ours = stage.server("ours", stage.sentences(), "");
      try (var patient = generator(ours, UNDER_WAY[0], "")) {
        patient.answers();
        Saturation.warm(patient, ours, UNDER_WAY[0]);
      }
      String patience = "Nagare-Timeout-Ms: " + DEADLINE.toMillis() + "\r\n";
      try (var load = generator(ours, CONNECTIONS, patience)) {
        load.answers();
        return measure(ours, load, bench);
      }
    }
  }

  private static Generator generator(Subject ours, int connections, String header)
      throws IOException {
    Call call = Dialect.BINARY.ask(ours.port(), Sentence.MODEL, Sentence.of(TOKENS), header);
    return new Generator(ours.port(), Transport.http(connections), List.of(call));
  }

  private List<BenchResult> measure(Subject ours, Generator load, Bench bench)
      throws IOException, InterruptedException {
    Saturation peak = new Saturation(0, 0);
    for (int calls : UNDER_WAY) {
      bench.bar().show(0, NAME + ", what the server can do with " + calls + " calls under way");
      peak = peak.or(Saturation.warm(load, ours, calls));
    }
    if (!peak.counts()) {
      return missing(peak.voidBecause("the server"));
    }
    // Refusing is a path of its own, here and there: the JVMs compile it before it is measured.
    load.open(3 * peak.rate(), WARM_UP, DEADLINE);
    double before = ours.clock().residentBytes();
    var lag = new Lag();
    double[][] goodput = new double[3][ROUNDS];
    double[] refusals = new double[ROUNDS];
    long refused = 0;
    String counts = "";
    for (int round = 0; round < ROUNDS; round++) {
      for (int turn = 0; turn < goodput.length; turn++) {
        int times = (round + turn) % goodput.length;
        Tally tally = block(load, (times + 1) * peak.rate());
        while (!lag.allows(tally)) {
          if (lag.spoils(ROUNDS)) {
            return missing("void: " + lag.words());
          }
          tally = block(load, (times + 1) * peak.rate());
        }
        if (tally.failed() > 0) {
          return missing("not measured: " + (times + 1) + " times the peak: " + tally.counts());
        }
        goodput[times][round] = tally.goodput();
        if (times == goodput.length - 1) {
          refusals[round] = tally.refusal(0.99);
          refused += tally.refused();
          counts = tally.counts();
        }
      }
      bench.bar().show((round + 1.0) / ROUNDS, NAME + ", " + (round + 1) + " of " + ROUNDS);
    }
    double after = ours.clock().residentBytes();
    String note =
        String.format(
            Locale.ROOT,
            "MiniLM, %d tokens, callers wait %d ms; %d rounds of %d s; peak %s; the last block at"
                + " 3x: %s; %s; server on core 0, load on core 1; %s",
            TOKENS,
            DEADLINE.toMillis(),
            ROUNDS,
            BLOCK.toSeconds(),
            peak.words(),
            counts,
            lag.words(),
            MachineFacts.line());
    return List.of(
        row(NAME, goodput[2], peak, "answers in time at 3x the peak; " + note),
        row(NAME + "-2x", goodput[1], peak, "answers in time at 2x the peak"),
        row(NAME + "-1x", goodput[0], peak, "answers in time at the peak"),
        refusal(new Samples(refusals), refused),
        BenchResult.beside(
            NAME + "-memory",
            "bytes",
            after,
            before,
            "the same before the overload",
            before / after,
            "memory of the server in RAM"));
  }

  private static Tally block(Generator load, double rate) throws IOException, InterruptedException {
    Idle.spend(IDLE);
    return load.open(rate, BLOCK, DEADLINE);
  }

  private static BenchResult refusal(Samples p99s, long refused) {
    String name = NAME + "-refusal";
    if (refused == 0) {
      return BenchResult.missing(name, "s", "nothing was refused at 3x");
    }
    return BenchResult.of(
        name,
        "s",
        p99s.median(),
        String.format(
            Locale.ROOT,
            "p99 of %,d refusals (429) at 3x, from the moment that a request was due; the worst"
                + " round %.2f ms",
            refused,
            p99s.quantile(1) * 1e3));
  }

  private static BenchResult row(String name, double[] goodput, Saturation peak, String note) {
    var values = new Samples(goodput);
    return new BenchResult(
        name,
        "1/s",
        values.median(),
        peak.rate(),
        "the most it can do",
        values.median() / peak.rate(),
        values.low() / peak.rate(),
        values.high() / peak.rate(),
        note);
  }

  private List<BenchResult> missing(String why) {
    return names().stream().map(name -> BenchResult.missing(name, "1/s", why)).toList();
  }
}
