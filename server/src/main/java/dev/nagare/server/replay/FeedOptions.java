package dev.nagare.server.replay;

import dev.nagare.server.cli.ServerClient;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** How a file is fed into a topic. */
final class FeedOptions {
  @Parameters(arity = "0..1", paramLabel = "FILE.csv", description = "What is fed: a CSV file.")
  @Nullable Path file;

  @Option(
      names = "--topic",
      paramLabel = "TOPIC",
      description = "Where it goes (default: the topic of --model in --config).")
  @Nullable String topic;

  @Option(
      names = "--bootstrap-servers",
      paramLabel = "HOST:PORT,...",
      description = "The Kafka cluster (default: that of --config).")
  @Nullable String bootstrapServers;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "How records are written: csv, json or protocol (default: that of --model in --config, or"
              + " csv).")
  RowEncoder.@Nullable Format format;

  @Option(
      names = "--columns",
      paramLabel = "NAME",
      split = ",",
      description = "Names of the file's columns, if its first line does not say them.")
  List<String> columns = List.of();

  @Option(
      names = "--skip-columns",
      paramLabel = "NAME",
      split = ",",
      description = "Columns that are left out of the records.")
  List<String> skipColumns = List.of();

  @Option(
      names = "--label-column",
      paramLabel = "NAME",
      description = "The column with the label; for --format protocol.")
  @Nullable String labelColumn;

  @Option(
      names = "--delimiter",
      paramLabel = "C",
      defaultValue = ",",
      description = "Between the file's values (default: ${DEFAULT-VALUE}).")
  char delimiter = ',';

  @Option(
      names = "--rate",
      paramLabel = "R",
      description = "Records a second (default: as fast as possible).")
  @Nullable Double rate;

  @Option(names = "--as-fast-as-possible", description = "Does not wait between records.")
  boolean asFastAsPossible;

  @Option(names = "--limit", paramLabel = "N", description = "Feeds the first N records only.")
  long limit = Long.MAX_VALUE;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description =
          "With --model: the server that learns it; waits for it, and shows its scores (default: "
              + ServerClient.USUAL_URL
              + ").")
  String url = ServerClient.USUAL_URL;
}
