package dev.nagare.streaming.codec;

import dev.nagare.models.online.OnlineConfig;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.protocol.ProtocolJson;

/** The codec that a model's configuration asks for. */
public final class RecordCodecs {
  /** Largest value that is read, 1 MiB: Kafka's usual limit for a record. */
  public static final int MAX_BYTES = 1 << 20;

  private RecordCodecs() {}

  /**
   * A codec for the records of a model's topic; for one thread.
   *
   * @param questions decodes the protocol's requests; unused by other formats
   * @throws IllegalArgumentException if the format does not have what the model needs, such as a
   *     CSV column for each feature
   */
  public static RecordCodec of(LearnedModel model, ProtocolJson questions) {
    if (model.online().task() instanceof OnlineConfig.Task.ClassifyExamples task) {
      return new ExampleCodec(model.online(), task.classes());
    }
    var fields = RowFields.of(model);
    return switch (model.format()) {
      case RecordFormat.Protocol ignored -> new ProtocolCodec(model.name(), fields, questions);
      case RecordFormat.Json ignored -> new JsonCodec(fields);
      case RecordFormat.Csv csv -> new CsvCodec(csv, fields);
    };
  }

  /**
   * A codec for observations that callers of a door give, always as the protocol's requests; for
   * one thread.
   */
  public static RecordCodec ofCalls(LearnedModel model, ProtocolJson requests) {
    return new ProtocolCodec(model.name(), RowFields.of(model), requests);
  }
}
