package dev.nagare.server.replay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import dev.nagare.server.config.NagareConfig;
import dev.nagare.server.replay.RowEncoder.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeedPlanTest {
  private static final List<String> HEADER = List.of("day", "price", "up", "demand");
  private static final List<String> VALUES = List.of("mon, \"x\"", "+.5", "1", "2e3");

  @TempDir Path folder;
  private final FeedOptions options = new FeedOptions();

  @Test
  void feedsWhatOptionsSay() {
    options.file = Path.of("rows.csv");
    options.topic = "t";
    options.bootstrapServers = "b:1";
    assertThat(encoded(plan())).isEqualTo("\"mon, \"\"x\"\"\",+.5,1,2e3");

    options.format = Format.JSON;
    assertThat(encoded(plan()))
        .isEqualTo("{\"day\":\"mon, \\\"x\\\"\",\"price\":0.5,\"up\":1,\"demand\":2e3}");

    options.format = Format.PROTOCOL;
    options.skipColumns = List.of("day");
    options.labelColumn = "up";
    assertThat(encoded(plan()))
        .isEqualTo(
            "{\"inputs\":[{\"name\":\"row\",\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":[0.5,2e3]},"
                + "{\"name\":\"label\",\"datatype\":\"INT64\",\"shape\":[1],\"data\":[1]}]}");
  }

  @Test
  void takesTheRestFromTheStartUpFile() throws IOException {
    NagareConfig config =
        config(
            "{name: m, topic: prices, format: csv, columns: [demand, up, price], delimiter: ';',"
                + " features: [price, demand], label: up, task: classify}");
    options.file = Path.of("rows.csv");

    FeedPlan plan = FeedPlan.of(options, config, "m");

    assertThat(plan.topic()).isEqualTo("prices");
    assertThat(plan.properties()).containsEntry("bootstrap.servers", "b:1");
    assertThat(encoded(plan)).isEqualTo("2e3;1;+.5");
  }

  @Test
  void ordersTheValuesOfAProtocolRowAsTheModelHasThem() throws IOException {
    NagareConfig config =
        config("{name: m, features: [demand, price], label: up, task: classify, classes: 2}");
    options.file = Path.of("rows.csv");

    assertThat(encoded(FeedPlan.of(options, config, "m")))
        .contains("\"data\":[2e3,0.5]", "{\"name\":\"up\",\"datatype\":\"INT64\"");
  }

  @Test
  void saysWhatIsMissing() throws IOException {
    assertRefused("FILE.csv: expected the file to feed");
    options.file = Path.of("rows.csv");
    assertRefused("--topic: expected one, or --config with --model");
    options.topic = "t";
    assertRefused("--bootstrap-servers: expected the Kafka cluster, or --config");
    options.bootstrapServers = "b:1";
    options.rate = 0.0;
    assertRefused("--rate: expected a number above 0, got 0.0");
    options.rate = 1.0;
    options.asFastAsPossible = true;
    assertRefused("--rate and --as-fast-as-possible: expected one of them");
    options.rate = null;
    NagareConfig config = config("{name: m, format: json, features: [wind]}");
    assertThatThrownBy(() -> FeedPlan.of(options, config, "n"))
        .hasMessage("--model: expected one of [m], got 'n'");
    assertThatThrownBy(() -> encoded(FeedPlan.of(options, config, "m")))
        .hasMessage("column 'wind' is not in the file, which has [day, price, up, demand]");
    options.skipColumns = List.of("dya");
    assertThatThrownBy(() -> encoded(plan()))
        .hasMessageContaining("--skip-columns: expected columns");
    options.skipColumns = List.of();
    options.format = Format.PROTOCOL;
    assertThatThrownBy(() -> encoded(plan()))
        .hasMessageContaining("column day: expected a number, got 'mon");
  }

  private void assertRefused(String message) {
    assertThatThrownBy(this::plan)
        .isInstanceOfSatisfying(
            CommandException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
        .hasMessageContaining(message);
  }

  private FeedPlan plan() {
    return FeedPlan.of(options, null, null);
  }

  private static String encoded(FeedPlan plan) {
    return new String(plan.encoder(HEADER).encode(VALUES), UTF_8);
  }

  private NagareConfig config(String model) throws IOException {
    Path file = folder.resolve("nagare.yaml");
    Files.writeString(
        file, "kafka: {properties: {bootstrap.servers: 'b:1'}}\nmodels:\n  - " + model + "\n");
    return NagareConfig.read(file, Map.of());
  }
}
