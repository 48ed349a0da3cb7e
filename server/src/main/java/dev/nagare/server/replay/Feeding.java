package dev.nagare.server.replay;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import dev.nagare.server.cli.ProgressBar;
import dev.nagare.server.cli.ServerClient;
import dev.nagare.streaming.kafka.RowProducer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/** Feeds a file's records into a topic, and waits until the model has learned them if asked to. */
final class Feeding {
  private static final int BUFFERED_ROWS = 10_000;
  private static final long LOOK_NANOS = 20_000_000;

  private final FeedPlan plan;
  private final ProgressBar bar;
  private long rows;
  private double seconds;

  Feeding(FeedPlan plan, ProgressBar bar) {
    this.plan = plan;
    this.bar = bar;
  }

  /** Runs to the end; returns the exit code. */
  int run(PrintWriter out, boolean json) throws IOException, InterruptedException {
    Configured.requireTopic(plan.properties(), plan.topic());
    long lastOffset;
    try (var producer = new RowProducer(plan.topic(), BUFFERED_ROWS)) {
      producer.connect(plan.properties());
      feed(producer);
      lastOffset = producer.lastOffset();
    } finally {
      bar.clear();
    }
    ObjectNode result = new ObjectMapper().createObjectNode();
    result.put("file", plan.file().toString()).put("topic", plan.topic());
    result.put("records", rows).put("last_offset", lastOffset).put("seconds", seconds);
    if (!json) {
      out.printf(
          Locale.ROOT,
          "%d records of %s in %s up to offset %d, %.1f s, %.0f a second%n",
          rows,
          plan.file(),
          plan.topic(),
          lastOffset,
          seconds,
          rows / Math.max(seconds, 1e-9));
      out.flush();
    }
    if (plan.model() != null) {
      try (var server = new ServerClient(plan.options().url)) {
        var scores = new LearningWait(server, plan.model(), plan.topic(), bar).until(lastOffset);
        if (!json) {
          ScoreTable.print(out, plan.model(), scores);
        }
        result.set("status", scores);
      } finally {
        bar.clear();
      }
    }
    if (json) {
      out.println(result.toPrettyString());
    }
    out.flush();
    return ExitCode.OK;
  }

  private void feed(RowProducer producer) throws IOException, InterruptedException {
    try (var file = new CsvFile(plan.file(), plan.options().delimiter)) {
      List<String> header = plan.options().columns;
      if (header.isEmpty()) {
        header = file.read();
        if (header == null) {
          throw file.fault(1, "expected a line with the names of the columns, got an empty file");
        }
      }
      RowEncoder encoder = plan.encoder(header);
      long begun = System.nanoTime();
      while (rows < plan.options().limit) {
        long line = file.line();
        List<String> values = file.read();
        if (values == null) {
          break;
        }
        if (values.size() != header.size()) {
          throw file.fault(
              line, "expected %d values, got %d".formatted(header.size(), values.size()));
        }
        awaitTurn(begun);
        producer.put(System.currentTimeMillis(), encoded(file, line, encoder, values));
        rows++;
        bar.show(fraction(file), shown(producer));
      }
      awaitAcknowledged(producer);
      seconds = (System.nanoTime() - begun) * 1e-9;
    } catch (NoSuchFileException e) {
      throw new CommandException(ExitCode.USAGE, plan.file() + ": there is no such file", e);
    }
  }

  private double fraction(CsvFile file) throws IOException {
    long limit = plan.options().limit;
    return limit == Long.MAX_VALUE ? file.fraction() : (double) rows / limit;
  }

  private static byte[] encoded(CsvFile file, long line, RowEncoder encoder, List<String> values) {
    try {
      return encoder.encode(values);
    } catch (IllegalArgumentException e) {
      throw file.fault(line, String.valueOf(e.getMessage()));
    }
  }

  private void awaitTurn(long begun) {
    Double rate = plan.options().rate;
    if (rate != null) {
      long due = begun + (long) (rows / rate * 1e9);
      for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
        LockSupport.parkNanos(this, due - now);
      }
    }
  }

  private void awaitAcknowledged(RowProducer producer) {
    while (producer.sent() + producer.dropped() < rows) {
      bar.show(1, shown(producer));
      LockSupport.parkNanos(this, LOOK_NANOS);
    }
    if (producer.dropped() > 0) {
      throw new CommandException(
          ExitCode.FAILURE,
          producer.dropped() + " records were not taken: " + producer.problem().orElse(""));
    }
  }

  private static String shown(RowProducer producer) {
    return producer.problem().orElseGet(() -> producer.sent() + " records sent");
  }
}
