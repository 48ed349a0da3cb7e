package dev.nagare.loadtest.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.loadtest.ConformanceCommand;
import dev.nagare.loadtest.conformance.Outcome.Verdict;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

class ConformanceTest {
  @TempDir private Path folder;

  @Test
  void aServerThatKeepsEveryRulePassesEveryCase() throws Exception {
    try (var server = new TinyServer(null)) {
      Report report = run(server);
      assertThat(report.outcomes())
          .as(report.table())
          .allMatch(outcome -> outcome.verdict() == Verdict.PASSED);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aServerWithOneFaultFailsExactlyItsCase(Fault fault) throws Exception {
    try (var server = new TinyServer(fault)) {
      Report report = run(server);
      List<String> failed =
          report.outcomes().stream()
              .filter(outcome -> outcome.verdict() == Verdict.FAILED)
              .map(Outcome::name)
              .toList();
      assertThat(failed).as(report.table()).containsExactly(fault.noticedBy);
    }
  }

  @Test
  void everyCaseHasAFaultThatItNotices() {
    assertThat(Arrays.stream(Fault.values()).map(fault -> fault.noticedBy))
        .containsExactlyInAnyOrderElementsOf(Conformance.cases().stream().map(Case::name).toList());
  }

  @Test
  void theCommandPrintsATableWritesAReportAndEndsWithOneIfARuleIsBroken() throws Exception {
    try (var server = new TinyServer(Fault.FORGETS_ID)) {
      Path json = folder.resolve("report.json");
      var out = new StringWriter();
      int exitCode =
          new CommandLine(new ConformanceCommand())
              .setOut(new PrintWriter(out))
              .execute(
                  server.uri().toString(), "--model", TinyServer.MODEL, "--json", json.toString());
      assertThat(exitCode).isEqualTo(1);
      assertThat(out.toString())
          .containsPattern("FAILED +id-echoed +the id of a request comes back")
          .contains((Fault.values().length - 1) + " passed, 1 failed, 0 skipped");
      assertThat(Files.readString(json)).contains("\"verdict\" : \"FAILED\"");
    }
  }

  private static Report run(TinyServer server) throws Exception {
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      return Conformance.run(
          new Subject(client, server.uri(), TinyServer.MODEL, Duration.ofSeconds(20)));
    }
  }
}
