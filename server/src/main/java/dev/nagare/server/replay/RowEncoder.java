package dev.nagare.server.replay;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes a file's records as those of a topic. */
interface RowEncoder {

  /**
   * A record's bytes.
   *
   * @param values by column of the file
   * @throws IllegalArgumentException that says which value does not fit
   */
  byte[] encode(List<String> values);

  /** How the records of a topic are written. */
  enum Format {
    CSV,
    JSON,
    PROTOCOL
  }

  /**
   * What a record is made of.
   *
   * @param columns of the file that go into a record, in order, label included
   * @param label column; null if there is none
   * @param labelInput name of the protocol's input that is to have the label
   * @param delimiter between the values of a CSV record
   */
  record Layout(List<String> columns, @Nullable String label, String labelInput, char delimiter) {}

  /**
   * An encoder for the records of a file.
   *
   * @param header the file's columns
   */
  static RowEncoder of(Format format, List<String> header, Layout layout) {
    var names = new ArrayList<>(layout.columns());
    int[] places = places(header, names);
    return switch (format) {
      case CSV -> new CsvRows(places, layout.delimiter());
      case JSON -> new JsonRows(places, names);
      case PROTOCOL -> {
        int label = layout.label() == null ? -1 : header.indexOf(layout.label());
        int[] features = Arrays.stream(places).filter(place -> place != label).toArray();
        yield new ProtocolRows(header, features, label, escaped(layout.labelInput()));
      }
    };
  }

  private static String escaped(String text) {
    return new String(JsonStringEncoder.getInstance().quoteAsString(text));
  }

  private static int[] places(List<String> header, List<String> names) {
    int[] places = new int[names.size()];
    for (int i = 0; i < places.length; i++) {
      places[i] = header.indexOf(names.get(i));
      if (places[i] < 0) {
        throw new CommandException(
            ExitCode.USAGE,
            "column '" + names.get(i) + "' is not in the file, which has " + header);
      }
    }
    return places;
  }
}
