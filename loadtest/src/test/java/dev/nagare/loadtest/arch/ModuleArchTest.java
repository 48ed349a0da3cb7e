package dev.nagare.loadtest.arch;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static dev.nagare.loadtest.arch.NagareClasses.BROKER;
import static dev.nagare.loadtest.arch.NagareClasses.LOADTEST;
import static dev.nagare.loadtest.arch.NagareClasses.MAIN;
import static dev.nagare.loadtest.arch.NagareClasses.MODELS;
import static dev.nagare.loadtest.arch.NagareClasses.OF_BROKER;
import static dev.nagare.loadtest.arch.NagareClasses.SERVER;
import static dev.nagare.loadtest.arch.NagareClasses.STREAMING;
import static dev.nagare.loadtest.arch.NagareClasses.TENSOR_CORE;
import static dev.nagare.loadtest.arch.NagareClasses.count;
import static dev.nagare.loadtest.arch.NagareClasses.in;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.lang.ArchRule;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModuleArchTest {

  /** Without it a rule would hold because it looked at nothing. */
  @Test
  void classesOfEveryModuleWereSeen() {
    Map<String, Long> seen = new LinkedHashMap<>();
    seen.put("tensor-core", count(TENSOR_CORE));
    seen.put("models", count(MODELS));
    seen.put("streaming", count(STREAMING));
    seen.put("server", count(SERVER));
    seen.put("loadtest", count(LOADTEST));
    seen.put("broker", (long) OF_BROKER.size());
    System.out.println("classes seen: " + seen);
    assertThat(seen.get("tensor-core")).isGreaterThan(30);
    assertThat(seen.get("models")).isGreaterThan(5);
    assertThat(seen.get("streaming")).isGreaterThan(20);
    assertThat(seen.get("server")).isGreaterThan(20);
    assertThat(seen.get("loadtest")).isGreaterThan(10);
    assertThat(seen.get("broker")).isGreaterThan(0);
  }

  @Test
  void noClassStandsOutsideTheModules() {
    classes()
        .that(not(in(TENSOR_CORE)))
        .should()
        .resideInAnyPackage(MODELS, STREAMING, SERVER, LOADTEST)
        .check(MAIN);
  }

  @Test
  void modulesSeeOnlyThoseBeforeThem() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("tensor-core")
        .definedBy(TENSOR_CORE)
        .layer("models")
        .definedBy(MODELS)
        .layer("streaming")
        .definedBy(STREAMING)
        .layer("server")
        .definedBy(SERVER)
        .layer("loadtest")
        .definedBy(LOADTEST)
        .whereLayer("loadtest")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("server")
        .mayOnlyBeAccessedByLayers("loadtest")
        .whereLayer("streaming")
        .mayOnlyBeAccessedByLayers("server", "loadtest")
        .whereLayer("models")
        .mayOnlyBeAccessedByLayers("streaming", "server", "loadtest")
        .check(MAIN);
  }

  @Test
  void packagesOfTensorCoreSeeOnlyThoseBeforeThem() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("tensor")
        .definedBy("dev.nagare.tensor")
        .layer("kernel")
        .definedBy("dev.nagare.tensor.kernel..")
        .layer("onednn")
        .definedBy("dev.nagare.tensor.onednn..")
        .layer("graph")
        .definedBy("dev.nagare.graph..")
        .layer("autograd")
        .definedBy("dev.nagare.autograd..")
        .layer("nn")
        .definedBy("dev.nagare.nn..")
        .layer("optim")
        .definedBy("dev.nagare.optim..")
        .whereLayer("onednn")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("optim")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("nn")
        .mayOnlyBeAccessedByLayers("optim")
        .whereLayer("autograd")
        .mayOnlyBeAccessedByLayers("nn", "optim")
        .whereLayer("graph")
        .mayOnlyBeAccessedByLayers("autograd", "nn", "optim")
        .whereLayer("kernel")
        .mayOnlyBeAccessedByLayers("onednn", "graph", "autograd", "nn", "optim")
        .check(MAIN);
  }

  @Test
  void nobodyImportsTheOneDnnBinding() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.nagare.tensor.onednn..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.nagare.tensor.onednn..")
        .check(MAIN);
  }

  static Stream<ArchRule> homes() {
    return Stream.of(
        home(
            "org.apache.kafka..",
            "dev.nagare.streaming.kafka..",
            "dev.nagare.loadtest.drill..",
            "dev.nagare.loadtest.bench.serve..",
            BROKER),
        // What the server is measured against is Vert.x without it.
        home("io.vertx..", SERVER, "dev.nagare.loadtest.bench.serve.peer.."),
        home("io.netty..", SERVER),
        home("io.micronaut..", SERVER),
        home("io.prometheus..", SERVER),
        home("io.opentelemetry..", SERVER),
        home("reactor..", STREAMING, SERVER),
        home(
            "com.google.protobuf..", "dev.nagare.streaming.protocol..", "dev.nagare.server.grpc.."),
        // What a kernel is measured against: one core, as Java reaches it.
        home(
            "jdk.incubator.vector..",
            "dev.nagare.tensor..",
            "dev.nagare.loadtest.bench.duel..",
            "dev.nagare.loadtest.bench.train.."),
        home("java.lang.foreign..", TENSOR_CORE),
        home("com.github.benmanes..", "dev.nagare.streaming.reuse.."),
        home("ai.djl..", "dev.nagare.loadtest.bench.train.."),
        home(
            "ai.onnxruntime..",
            "dev.nagare.loadtest.bench.infer..",
            "dev.nagare.loadtest.bench.serve.peer.."));
  }

  private static ArchRule home(String library, String... packages) {
    return noClasses()
        .that()
        .resideOutsideOfPackages(packages)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library);
  }

  @ParameterizedTest
  @MethodSource("homes")
  void aLibraryIsSeenInItsHomeOnly(ArchRule rule) {
    rule.check(MAIN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dev.nagare.loadtest.load..", "dev.nagare.loadtest.conformance.."})
  void whatLooksAtServersFromOutsideSeesWireFormatsOnly(String outside) {
    noClasses()
        .that()
        .resideInAPackage(outside)
        .should()
        .dependOnClassesThat(in("dev.nagare..").and(not(in(outside))))
        .check(MAIN);
  }

  @Test
  void theJudgeOfADrillSharesNoCodeWithTheLearner() {
    noClasses()
        .that()
        .resideInAPackage("dev.nagare.loadtest.drill.verify..")
        .should()
        .dependOnClassesThat(in("dev.nagare..").and(not(in("dev.nagare.loadtest.drill.verify.."))))
        .check(MAIN);
  }

  @Test
  void theBrokerSeesNothingOfOurs() {
    noClasses()
        .should()
        .dependOnClassesThat(in("dev.nagare..").and(not(in(BROKER))))
        .check(OF_BROKER);
  }
}
