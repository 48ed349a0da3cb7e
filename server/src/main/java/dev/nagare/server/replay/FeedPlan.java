package dev.nagare.server.replay;

import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import dev.nagare.server.config.NagareConfig;
import dev.nagare.server.replay.RowEncoder.Format;
import dev.nagare.server.replay.RowEncoder.Layout;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.codec.RecordFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is fed where.
 *
 * @param options as given
 * @param file that is fed
 * @param topic that receives it
 * @param properties of the Kafka cluster
 * @param format of the topic's records
 * @param configured the model as the start-up file has it; null without one
 * @param model whose learning is waited for; null if none
 */
record FeedPlan(
    FeedOptions options,
    Path file,
    String topic,
    Map<String, String> properties,
    Format format,
    @Nullable LearnedModel configured,
    @Nullable String model) {

  /** A plan; what is not said by options is taken from the start-up file. */
  static FeedPlan of(FeedOptions options, @Nullable NagareConfig config, @Nullable String model) {
    Path file = required(options.file, "FILE.csv: expected the file to feed, or --to-offset");
    if (options.rate != null && !(options.rate > 0)) {
      throw usage("--rate: expected a number above 0, got " + options.rate);
    }
    if (options.rate != null && options.asFastAsPossible) {
      throw usage("--rate and --as-fast-as-possible: expected one of them");
    }
    LearnedModel configured =
        config == null || model == null ? null : Configured.model(config, model);
    String topic =
        required(
            options.topic != null || configured == null ? options.topic : configured.topic(),
            "--topic: expected one, or --config with --model");
    return new FeedPlan(
        options,
        file,
        topic,
        properties(options, config),
        format(options, configured),
        configured,
        model);
  }

  private static Map<String, String> properties(
      FeedOptions options, @Nullable NagareConfig config) {
    if (options.bootstrapServers != null) {
      return Map.of("bootstrap.servers", options.bootstrapServers);
    }
    return Configured.properties(
        required(config, "--bootstrap-servers: expected the Kafka cluster, or --config"));
  }

  private static Format format(FeedOptions options, @Nullable LearnedModel configured) {
    if (options.format != null) {
      return options.format;
    }
    return switch (configured == null ? null : configured.format()) {
      case RecordFormat.Protocol ignored -> Format.PROTOCOL;
      case RecordFormat.Json ignored -> Format.JSON;
      case RecordFormat.Csv ignored -> Format.CSV;
      case null -> Format.CSV;
    };
  }

  /**
   * The encoder of a file's records.
   *
   * @param header the file's columns
   */
  RowEncoder encoder(List<String> header) {
    var known = new ArrayList<>(options.skipColumns);
    known.removeAll(header);
    if (!known.isEmpty()) {
      throw usage("--skip-columns: expected columns of the file " + header + ", got " + known);
    }
    String label = label(header);
    String input = configured == null ? null : configured.label();
    char delimiter =
        configured != null && configured.format() instanceof RecordFormat.Csv csv
            ? csv.delimiter()
            : ',';
    var layout =
        new Layout(columns(header, label), label, input == null ? "label" : input, delimiter);
    return RowEncoder.of(format, header, layout);
  }

  private @Nullable String label(List<String> header) {
    if (options.labelColumn != null) {
      return options.labelColumn;
    }
    String label = configured == null ? null : configured.label();
    return label != null && header.contains(label) ? label : null;
  }

  /** The columns of a record: those that the model's configuration has, or all but the skipped. */
  private List<String> columns(List<String> header, @Nullable String label) {
    var columns = new ArrayList<String>();
    if (configured == null) {
      columns.addAll(header);
    } else if (configured.format() instanceof RecordFormat.Csv csv) {
      columns.addAll(csv.columns());
    } else {
      columns.addAll(configured.features());
    }
    columns.removeAll(options.skipColumns);
    if (label != null && !columns.contains(label)) {
      columns.add(label);
    }
    return columns;
  }

  private static <T> T required(@Nullable T value, String what) {
    if (value == null) {
      throw usage(what);
    }
    return value;
  }

  private static CommandException usage(String what) {
    return new CommandException(ExitCode.USAGE, what);
  }
}
