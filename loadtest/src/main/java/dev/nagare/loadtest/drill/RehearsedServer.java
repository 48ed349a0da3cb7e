package dev.nagare.loadtest.drill;

import dev.nagare.streaming.Role;
import dev.nagare.streaming.Streaming;
import dev.nagare.streaming.StreamingConfig;
import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.codec.RecordFormat;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * The process that is killed: the product's streaming side as the server starts it, without the
 * server's doors, and with a rehearsal that ends it where the drill wants it to end.
 *
 * <p>Ends by itself when its goal is reached, writing its final checkpoint as on SIGTERM; exit code
 * 1 if that could not be written.
 */
public final class RehearsedServer {
  private static final int MEMORY_BYTES = 1 << 24;

  private RehearsedServer() {}

  /** Runs one life; the argument is the file of its {@code LearnerSpec}. */
  public static void main(String[] args) throws Exception {
    LearnerSpec spec = LearnerSpec.read(Path.of(args[0]));
    var over = new CountDownLatch(1);
    // A learner that outlives its drill would hold the model for ever.
    Optional<ProcessHandle> drill = ProcessHandle.current().parent();
    if (drill.isEmpty()) {
      return;
    }
    var _ = drill.get().onExit().thenRun(over::countDown);
    Ledger ledger = Ledger.open(spec.ledger());
    Streaming streaming =
        Streaming.start(
            config(spec),
            new StreamingObserver() {},
            new DrillRehearsal(spec, ledger, over::countDown));
    // By SIGTERM or because main returned: the same way out.
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform().unstarted(() -> Runtime.getRuntime().halt(end(streaming))));
    long age =
        ProcessHandle.current()
            .info()
            .startInstant()
            .map(began -> Duration.between(began, Instant.now()).toMillis())
            .orElse(-1L);
    System.out.println(
        "learner " + spec.instance() + " of " + spec.model() + " runs after " + age + " ms");
    over.await();
  }

  private static int end(Streaming streaming) {
    streaming.close();
    List<String> unsaved = streaming.unsaved();
    unsaved.forEach(System.out::println);
    return unsaved.isEmpty() ? 0 : 1;
  }

  private static StreamingConfig config(LearnerSpec spec) {
    LearnerSpec.Pace pace = spec.pace();
    Map<String, String> properties =
        Map.of(
            "bootstrap.servers",
            spec.bootstrap(),
            "max.poll.records",
            Integer.toString(pace.pollRecords()));
    var kafka =
        new StreamingConfig.Kafka(
            properties, StreamingConfig.Topics.CREATE, Role.ALL, spec.instance());
    var model =
        new StreamingConfig.LearnedModel(
            spec.model(),
            spec.topic(),
            new RecordFormat.Protocol(),
            DrillModel.FEATURES,
            null,
            DrillModel.CONFIG,
            pace.publishEvery(),
            Duration.ofMillis(pace.checkpointMillis()));
    return new StreamingConfig(
        kafka,
        pace.lanes(),
        16,
        256,
        Duration.ofSeconds(1),
        MEMORY_BYTES,
        spec.data(),
        null,
        List.of(model));
  }
}
