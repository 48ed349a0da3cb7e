package dev.nagare.streaming.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import java.util.Locale;

/**
 * Writes an observation as a record of the model's topic, the opposite of its {@link RecordCodec}:
 * what is read back has the same bits. Columns of a CSV record that are neither feature nor label
 * stay empty. Safe for any thread.
 */
public final class RowWriter {
  private final RecordFormat format;
  private final RowFields fields;

  /** A writer for the model's format. */
  public RowWriter(LearnedModel model) {
    this.format = model.format();
    this.fields = RowFields.of(model);
  }

  /**
   * The record.
   *
   * @param given the observation as the protocol's request, which is the record where the topic has
   *     that format
   * @param row its values, as {@link RecordCodec#read} gave them
   */
  public byte[] write(byte[] given, float[] row) {
    return switch (format) {
      case RecordFormat.Protocol ignored -> given;
      case RecordFormat.Json ignored -> json(row);
      case RecordFormat.Csv csv -> csv(csv, row);
    };
  }

  private byte[] json(float[] row) {
    var text = new StringBuilder(24 * row.length).append('{');
    for (int i = 0; i < fields.size(); i++) {
      String name = new String(JsonStringEncoder.getInstance().quoteAsString(fields.name(i)));
      text.append(i == 0 ? "\"" : ",\"").append(name).append("\":").append(number(row, i));
    }
    return text.append('}').toString().getBytes(UTF_8);
  }

  private byte[] csv(RecordFormat.Csv csv, float[] row) {
    var text = new StringBuilder(12 * csv.columns().size());
    for (int column = 0; column < csv.columns().size(); column++) {
      if (column > 0) {
        text.append(csv.delimiter());
      }
      for (int i = 0; i < fields.size(); i++) {
        if (fields.name(i).equals(csv.columns().get(column))) {
          text.append(number(row, i));
        }
      }
    }
    return text.toString().getBytes(UTF_8);
  }

  private String number(float[] row, int index) {
    return fields.isLabel(index)
        ? String.format(Locale.ROOT, "%d", (long) row[index])
        : Float.toString(row[index]);
  }
}
