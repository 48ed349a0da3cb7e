package dev.nagare.streaming.codec;

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
    var fields = RowFields.of(model);
    return switch (model.format()) {
      case RecordFormat.Protocol ignored -> new ProtocolCodec(model.name(), fields, questions);
      case RecordFormat.Json ignored -> new JsonCodec(fields);
      case RecordFormat.Csv csv -> new CsvCodec(csv, fields);
    };
  }
}
