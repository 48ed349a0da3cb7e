package dev.nagare.server.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.server.doctor.Finding.Verdict;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
  @TempDir Path temp;

  @Test
  void everyFindingThatIsNotWellHasARemedy() {
    List<Finding> findings =
        KernelChecks.findings(
            List.of("vector\tno", "native\tno", "kernels\tonednn\trefused\tno libgomp.so.1"), 0);
    assertThat(findings).hasSize(4).allSatisfy(f -> assertThat(f.remedy()).isNotEmpty());
    assertThat(findings.get(2).found()).isEqualTo("no libgomp.so.1");
    assertThat(findings.getLast().verdict()).isEqualTo(Verdict.FAIL); // none works
  }

  @Test
  void oneProviderThatWorksIsEnough() {
    List<Finding> findings =
        KernelChecks.findings(
            List.of("kernels\tonednn\trefused\tno", "kernels\tscalar\tok\tscalar 1"), 0);
    assertThat(findings).extracting(Finding::verdict).containsExactly(Verdict.WARN, Verdict.OK);
  }

  @Test
  void aNativeCrashIsAFailureNotACrashOfTheDoctor() {
    assertThat(KernelChecks.findings(List.of("vector\tyes"), 134).getLast())
        .satisfies(f -> assertThat(f.verdict()).isEqualTo(Verdict.FAIL))
        .satisfies(f -> assertThat(f.found()).contains("134"));
  }

  @Test
  void theKernelsOfThisMachineAreTriedInAJvmOfTheirOwn() throws InterruptedException {
    assertThat(KernelChecks.run(Path.of("src/main/jvm/serve.args").toAbsolutePath()))
        .anySatisfy(f -> assertThat(f.check()).startsWith("kernels/"))
        .anySatisfy(f -> assertThat(f).isEqualTo(Finding.ok("native-access", "enabled")))
        .noneSatisfy(f -> assertThat(f.verdict()).isEqualTo(Verdict.FAIL));
  }

  @Test
  void anOtherJdkFails() {
    assertThat(MachineChecks.jdk(Runtime.Version.parse("21.0.2"), "/jdk").verdict())
        .isEqualTo(Verdict.FAIL);
    assertThat(MachineChecks.jdk(Runtime.Version.parse("25.0.1"), "/jdk").verdict())
        .isEqualTo(Verdict.OK);
  }

  @Test
  void theProcessorsFeaturesAreNamed() throws IOException {
    Path cpuinfo = temp.resolve("cpuinfo");
    Files.writeString(cpuinfo, "processor\t: 0\nflags\t\t: fpu avx2 avx512f avx512_bf16 fpu\n");
    assertThat(MachineChecks.cpu(cpuinfo, "amd64", 2))
        .isEqualTo(Finding.ok("cpu", "amd64, 2 cores, AVX2 AVX-512 BF16"));
    Files.writeString(cpuinfo, "flags\t: fpu sse2\n");
    assertThat(MachineChecks.cpu(cpuinfo, "amd64", 1).verdict()).isEqualTo(Verdict.WARN);
    assertThat(MachineChecks.cpu(temp.resolve("none"), "aarch64", 1).verdict())
        .isEqualTo(Verdict.OK);
  }

  @Test
  void aFolderThatDoesNotExistYetIsJudgedByTheOneAbove() {
    assertThat(MachineChecks.space(temp.resolve("a/b/c")).verdict()).isNotEqualTo(Verdict.FAIL);
  }

  @Test
  void aTakenPortFailsWithItsRemedy() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      // Nobody answers there; the question whether it is Nagare times out.
      Finding finding = NetworkChecks.port(taken.getLocalPort(), "HTTP", "stop it");
      assertThat(finding.verdict()).isEqualTo(Verdict.FAIL);
      assertThat(finding.remedy()).isEqualTo("stop it");
    }
  }

  @Test
  void aClusterThatIsAwayFails() throws InterruptedException {
    Finding finding = NetworkChecks.kafka(Map.of("bootstrap.servers", "no.such.host.invalid:9092"));
    assertThat(finding.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(finding.found()).contains("no.such.host.invalid");
  }

  @Test
  void jsonIsForMachines() throws IOException {
    JsonNode json =
        new ObjectMapper()
            .readTree(FindingsJson.write(List.of(Finding.warn("cpu", "a \"b\"", "new\nline"))));
    assertThat(json.get(0).get("verdict").asText()).isEqualTo("warn");
    assertThat(json.get(0).get("found").asText()).isEqualTo("a \"b\"");
    assertThat(json.get(0).get("remedy").asText()).isEqualTo("new\nline");
  }
}
