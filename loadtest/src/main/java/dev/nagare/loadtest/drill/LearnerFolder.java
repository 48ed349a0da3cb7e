package dev.nagare.loadtest.drill;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nagare.loadtest.drill.KillPlan.Folder;
import dev.nagare.loadtest.drill.verify.LocalFiles;
import dev.nagare.loadtest.drill.verify.RawRecord;
import dev.nagare.loadtest.drill.verify.RawTopic;
import dev.nagare.loadtest.drill.verify.RegistryEntry;
import dev.nagare.server.cli.FolderTree;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** What a drill does to the folder, and to the newest checkpoint, of a learner that is dead. */
final class LearnerFolder {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String REGISTRY = "nagare.registry";

  private final Stage stage;
  private final Path data;
  private final Set<String> spoiled;

  /**
   * A dead learner's folder.
   *
   * @param spoiled receives the hashes of files that are spoiled here
   */
  LearnerFolder(Stage stage, Path data, Set<String> spoiled) {
    this.stage = stage;
    this.data = data;
    this.spoiled = spoiled;
  }

  /**
   * Does what was planned, or less if there is nothing to do it to.
   *
   * @return what was done
   */
  Folder treat(Folder planned, List<RegistryEntry> registry)
      throws IOException, InterruptedException {
    return switch (planned) {
      case KEPT -> Folder.KEPT;
      case WIPED -> wipe();
      case SPOILED -> spoil(registry) ? Folder.SPOILED : Folder.KEPT;
      case NEWEST_LOST -> {
        wipe();
        yield loseNewest(registry) ? Folder.NEWEST_LOST : Folder.WIPED;
      }
    };
  }

  private Folder wipe() throws IOException {
    FolderTree.delete(data);
    return Folder.WIPED;
  }

  /** Turns one bit of the newest checkpoint's file. */
  private boolean spoil(List<RegistryEntry> registry) throws IOException {
    if (registry.isEmpty()) {
      return false;
    }
    String newest = registry.getLast().newest().name();
    for (Path file : LocalFiles.files(data)) {
      if (file.getFileName().toString().equals(newest)) {
        try (var bytes = new RandomAccessFile(file.toFile(), "rw")) {
          long middle = bytes.length() / 2;
          bytes.seek(middle);
          int old = bytes.read();
          bytes.seek(middle);
          bytes.write(old ^ 1);
        }
        spoiled.add(LocalFiles.hash(file));
        return true;
      }
    }
    return false;
  }

  /** Changes the newest checkpoint's hash in the registry: no blob will match it any more. */
  private boolean loseNewest(List<RegistryEntry> registry)
      throws IOException, InterruptedException {
    if (registry.isEmpty() || registry.getLast().checkpoints().size() < 2) {
      return false;
    }
    String model = Subject.DISTURBED.model();
    RawRecord last =
        RawTopic.read(stage.bootstrap(), REGISTRY).stream()
            .filter(record -> model.equals(record.key()))
            .reduce((before, after) -> after)
            .orElseThrow();
    var json = (ObjectNode) JSON.readTree(Objects.requireNonNull(last.value()));
    ((ObjectNode) json.path("checkpoints").path(0)).put("sha256", "0".repeat(64));
    var record = new ProducerRecord<>(REGISTRY, model, JSON.writeValueAsBytes(json));
    record.headers().add(RegistryEntry.REHEARSED, new byte[0]);
    Map<String, Object> settings = Map.of("bootstrap.servers", stage.bootstrap());
    try (var producer =
        new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer())) {
      producer.send(record).get();
    } catch (ExecutionException e) {
      throw new DrillException("the registry does not take a record of the drill: " + e.getCause());
    }
    return true;
  }
}
