package dev.nagare.loadtest.arch;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static dev.nagare.loadtest.arch.NagareClasses.MAIN;
import static dev.nagare.loadtest.arch.NagareClasses.MODELS;
import static dev.nagare.loadtest.arch.NagareClasses.TENSOR_CORE;
import static dev.nagare.loadtest.arch.NagareClasses.in;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import dev.nagare.loadtest.arch.violations.AddsLanesInAnyOrder;
import dev.nagare.loadtest.arch.violations.AsksTheClock;
import dev.nagare.loadtest.arch.violations.CountsLanes;
import dev.nagare.loadtest.arch.violations.LeavesItToLuck;
import dev.nagare.loadtest.arch.violations.UsesMath;
import dev.nagare.loadtest.arch.violations.UsesVectorMaths;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DeterminismArchTest {

  /** A rule, and a class that breaks it. */
  enum Rule {
    LANES(AddsLanesInAnyOrder.class),
    VECTOR_MATHS(UsesVectorMaths.class),
    MATHS(UsesMath.class),
    CLOCK(AsksTheClock.class),
    RANDOM(LeavesItToLuck.class);

    private final Class<?> violation;

    Rule(Class<?> violation) {
      this.violation = violation;
    }

    ArchRule in(DescribedPredicate<JavaClass> classes) {
      return switch (this) {
        case LANES -> DeterminismRules.noReductionOfFloatingLanes(classes);
        case VECTOR_MATHS -> DeterminismRules.noVectorMaths(classes);
        case MATHS -> DeterminismRules.noPlatformMaths(classes);
        case CLOCK -> DeterminismRules.noClock(classes);
        case RANDOM -> DeterminismRules.noPlatformRandom(classes);
      };
    }
  }

  private static final DescribedPredicate<JavaClass> ANYWHERE = DescribedPredicate.alwaysTrue();

  /**
   * How long a thread waits busily, where the time of a run goes, in which parts rows run, whose
   * bits are the same in all: no result depends on it.
   */
  private static final DescribedPredicate<JavaClass> TIMED =
      DescribedPredicate.describe(
          "may read a clock",
          type ->
              type.getName().equals("dev.nagare.nn.Shards")
                  || type.getName().equals("dev.nagare.graph.plan.Frame")
                  || type.getName().equals("dev.nagare.tensor.ThreadTime"));

  @ParameterizedTest
  @EnumSource
  void tensorCoreAndModelsKeepIt(Rule rule) {
    DescribedPredicate<JavaClass> classes = in(TENSOR_CORE).or(in(MODELS));
    rule.in(rule == Rule.CLOCK ? classes.and(not(TIMED)) : classes).check(MAIN);
  }

  @ParameterizedTest
  @EnumSource(names = {"LANES", "VECTOR_MATHS"})
  void everyModuleKeepsTheRulesAboutVectors(Rule rule) {
    rule.in(ANYWHERE).check(MAIN);
  }

  @ParameterizedTest
  @EnumSource
  void aPlantedViolationIsCaught(Rule rule) {
    var planted = new ClassFileImporter().importClasses(rule.violation);
    assertThat(rule.in(ANYWHERE).evaluate(planted).hasViolation())
        .as("%s must catch %s", rule, rule.violation.getSimpleName())
        .isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void aRuleCatchesNothingElse(Rule rule) {
    Stream.of(Rule.values())
        .filter(other -> other != rule)
        .map(other -> other.violation)
        .forEach(other -> assertClean(rule, other));
    assertClean(rule, CountsLanes.class);
  }

  private static void assertClean(Rule rule, Class<?> fixture) {
    var classes = new ClassFileImporter().importClasses(fixture);
    assertThat(rule.in(ANYWHERE).evaluate(classes).hasViolation())
        .as("%s must not catch %s", rule, fixture.getSimpleName())
        .isFalse();
  }
}
