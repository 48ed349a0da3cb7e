package dev.nagare.loadtest.arch;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static dev.nagare.loadtest.arch.NagareClasses.MAIN;
import static dev.nagare.loadtest.arch.NagareClasses.OF_BROKER;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HouseStyleArchTest {

  /** Where a pause is the very thing that is wanted. */
  private static final Set<String> MAY_SLEEP = Set.of("dev.nagare.loadtest.bench.Idle");

  /** Where a process ends with an exit code. */
  private static final Set<String> MAY_EXIT =
      Set.of(
          "dev.nagare.server.cli.Nagare",
          "dev.nagare.server.SecondSignal",
          "dev.nagare.broker.EmbeddedBroker");

  static Stream<JavaClasses> everything() {
    return Stream.of(MAIN, OF_BROKER);
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("everything")
  void noNameThatSaysNothing(JavaClasses classes) {
    noClasses().should().haveNameMatching(".*(Util|Utils|Helper|Manager|Impl)").check(classes);
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("everything")
  void noSleepButWhereListed(JavaClasses classes) {
    noClasses()
        .that()
        .haveNameNotMatching(outer(MAY_SLEEP))
        .should()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .callMethod(Thread.class, "sleep", java.time.Duration.class)
        .check(classes);
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("everything")
  void noExitButWhereListed(JavaClasses classes) {
    noClasses()
        .that()
        .haveNameNotMatching(outer(MAY_EXIT))
        .should()
        .callMethod(System.class, "exit", int.class)
        .check(classes);
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("everything")
  void everyPackageSaysWhyItExistsAndIsNullMarked(JavaClasses classes) {
    Stream<JavaPackage> packages =
        classes.stream()
            .filter(type -> !type.getPackageName().isEmpty())
            .map(JavaClass::getPackage)
            .distinct();
    assertThat(packages)
        .isNotEmpty()
        .allMatch(own -> own.isAnnotatedWith(NullMarked.class), "has a @NullMarked package-info");
  }

  private static String outer(Set<String> names) {
    return "("
        + String.join("|", names.stream().map(java.util.regex.Pattern::quote).toList())
        + ")(\\$.*)?";
  }
}
