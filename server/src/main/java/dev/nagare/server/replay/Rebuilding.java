package dev.nagare.server.replay;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nagare.models.online.Compute;
import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import dev.nagare.server.cli.ProgressBar;
import dev.nagare.server.config.NagareConfig;
import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.kafka.KafkaCluster;
import dev.nagare.streaming.learn.ProductModels;
import dev.nagare.streaming.learn.Rebuild;
import dev.nagare.streaming.learn.Rebuild.Rebuilt;
import dev.nagare.streaming.protocol.ProtocolJson;
import dev.nagare.tensor.MemoryPool;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Rebuilds a version from nothing but the log, in this process, and compares it with what the
 * registry's checkpoint leads to.
 */
final class Rebuilding {
  private static final long SNAPSHOT_BYTES = 1L << 28;

  private final LearnedModel model;
  private final Map<String, String> properties;
  private final long requestBytes;
  private final long toOffset;
  private final ProgressBar bar;

  Rebuilding(NagareConfig config, String model, long toOffset, ProgressBar bar) {
    this.model = Configured.model(config, model);
    this.properties = Configured.properties(config);
    this.requestBytes = config.streaming().requestBytes();
    this.toOffset = toOffset;
    this.bar = bar;
  }

  /** Runs to the end; returns the exit code. */
  int run(PrintWriter out, boolean json) throws InterruptedException {
    Configured.requireTopic(properties, model.topic());
    try (var cluster = new KafkaCluster(properties)) {
      var models = new ProductModels(Compute.best(new MemoryPool("snapshots", SNAPSHOT_BYTES)));
      var requests = new ProtocolJson(new MemoryPool("requests", requestBytes));
      var rebuild = new Rebuild(cluster, model, models, requests);
      CheckpointRecord known = newestUpTo(rebuild.recorded());
      Rebuilt ours =
          rebuild.upTo(
              known.lineage().firstOffset(), toOffset, progress("from the first record", known));
      Rebuilt theirs =
          known.lineage().nextOffset() == toOffset
              ? null
              : rebuild.from(known, toOffset, progress("from checkpoint " + known.name(), known));
      bar.clear();
      return report(out, json, known, ours, theirs);
    } catch (IllegalStateException | IOException e) {
      throw new CommandException(ExitCode.MISSING, String.valueOf(e.getMessage()), e);
    } finally {
      bar.clear();
    }
  }

  private CheckpointRecord newestUpTo(List<CheckpointRecord> recorded) {
    return recorded.stream()
        .filter(checkpoint -> checkpoint.lineage().nextOffset() <= toOffset)
        .findFirst()
        .orElseThrow(
            () ->
                new CommandException(
                    ExitCode.USAGE,
                    recorded.isEmpty()
                        ? "--to-offset: the registry has no checkpoint of "
                            + model.name()
                            + " to compare with"
                        : "--to-offset: expected "
                            + recorded.getLast().lineage().nextOffset()
                            + ", the offset of the oldest checkpoint to compare with, or more, got "
                            + toOffset));
  }

  private LongConsumer progress(String from, CheckpointRecord known) {
    long first = known.lineage().firstOffset();
    return offset ->
        bar.show(
            (double) (offset - first) / Math.max(1, toOffset - first),
            "rebuilding " + model.name() + " " + from + ", offset " + offset);
  }

  private int report(
      PrintWriter out,
      boolean json,
      CheckpointRecord known,
      Rebuilt ours,
      @Nullable Rebuilt theirs) {
    String state = theirs == null ? known.stateHash() : theirs.stateHash();
    String digest = theirs == null ? known.recordsDigest() : theirs.recordsDigest();
    boolean same = ours.stateHash().equals(state) && ours.recordsDigest().equals(digest);
    if (json) {
      ObjectNode result = new ObjectMapper().createObjectNode();
      result.put("model", model.name()).put("to_offset", toOffset).put("step", ours.step());
      result.put("examples", ours.lineage().examples()).put("checkpoint", known.name());
      result.put("state_hash", ours.stateHash()).put("expected_state_hash", state);
      result.put("records_digest", ours.recordsDigest()).put("expected_records_digest", digest);
      result.put("same", same);
      out.println(result.toPrettyString());
    } else {
      out.printf(
          Locale.ROOT,
          "%s version %d from %d examples of %s, offsets %d to %d%n",
          model.name(),
          ours.step(),
          ours.lineage().examples(),
          model.topic(),
          ours.lineage().firstOffset(),
          toOffset - 1);
      line(out, "records", ours.recordsDigest(), digest);
      line(out, "state", ours.stateHash(), state);
      out.println(
          same
              ? "the same, bit for bit, as checkpoint "
                  + known.name()
                  + (theirs == null ? "" : " leads to")
              : "not the same as checkpoint "
                  + known.name()
                  + ", which was computed by kernels "
                  + known.kernelId()
                  + "; the same bits are promised for the same kernels, configuration and records");
    }
    out.flush();
    return same ? ExitCode.OK : ExitCode.FAILURE;
  }

  private static void line(PrintWriter out, String what, String ours, String expected) {
    out.printf("  %-8s %s%s%n", what, ours, ours.equals(expected) ? "" : ", expected " + expected);
  }
}
