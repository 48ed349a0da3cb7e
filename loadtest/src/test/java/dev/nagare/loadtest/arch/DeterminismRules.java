package dev.nagare.loadtest.arch;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.util.Set;

/** What would make a result depend on the compiler, the clock or luck; by the classes looked at. */
final class DeterminismRules {
  private static final Set<String> TRANSCENDENTAL =
      Set.of(
          "exp", "expm1", "log", "log1p", "log10", "sin", "cos", "tan", "asin", "acos", "atan",
          "atan2", "sinh", "cosh", "tanh", "cbrt", "pow", "hypot", "random");
  private static final Set<String> VECTOR_MATHS =
      Set.of(
          "EXP", "EXPM1", "LOG", "LOG1P", "LOG10", "SIN", "COS", "TAN", "ASIN", "ACOS", "ATAN",
          "ATAN2", "SINH", "COSH", "TANH", "CBRT", "POW", "HYPOT");
  private static final Set<String> REDUCTIONS = Set.of("reduceLanes", "reduceLanesToLong");
  private static final String VECTORS = "jdk.incubator.vector.";

  private DeterminismRules() {}

  /** A sum across lanes has another order once C2 compiles it. */
  static ArchRule noReductionOfFloatingLanes(DescribedPredicate<JavaClass> where) {
    return forbid(
        where,
        "reduce the lanes of a float or double vector",
        access ->
            REDUCTIONS.contains(access.getName())
                && Set.of(VECTORS + "FloatVector", VECTORS + "DoubleVector", VECTORS + "Vector")
                    .contains(access.getTargetOwner().getName()));
  }

  /** Vector maths is another library once C2 compiles it. */
  static ArchRule noVectorMaths(DescribedPredicate<JavaClass> where) {
    return forbid(
        where,
        "use a transcendental vector operator",
        access ->
            (access.getTargetOwner().getName().equals(VECTORS + "VectorOperators")
                    && VECTOR_MATHS.contains(access.getName()))
                || (access.getTargetOwner().getName().startsWith(VECTORS)
                    && access.getName().equals("pow")));
  }

  /** Math's functions are intrinsics with bits of their own; StrictMath's are fixed. */
  static ArchRule noPlatformMaths(DescribedPredicate<JavaClass> where) {
    return forbid(
        where,
        "call a transcendental function of Math",
        access ->
            access.getTargetOwner().isEquivalentTo(Math.class)
                && TRANSCENDENTAL.contains(access.getName()));
  }

  /** A step is a function of its records, not of when it ran. */
  static ArchRule noClock(DescribedPredicate<JavaClass> where) {
    return forbid(
        where,
        "read a clock",
        access ->
            (access.getTargetOwner().isEquivalentTo(System.class)
                    && Set.of("nanoTime", "currentTimeMillis").contains(access.getName()))
                || access.getTargetOwner().isEquivalentTo(Clock.class)
                || (access.getTargetOwner().getPackageName().equals("java.time")
                    && access.getName().equals("now")));
  }

  /** Random numbers are counted, keyed by seed, step and stream. */
  static ArchRule noPlatformRandom(DescribedPredicate<JavaClass> where) {
    return noClasses()
        .that(where)
        .should()
        .dependOnClassesThat()
        .haveNameMatching(
            "java\\.util\\.(Random|SplittableRandom|concurrent\\.ThreadLocalRandom|random\\..*)"
                + "|java\\.security\\.SecureRandom")
        .allowEmptyShould(true);
  }

  private static ArchRule forbid(
      DescribedPredicate<JavaClass> where,
      String what,
      java.util.function.Predicate<JavaAccess<?>> forbidden) {
    return noClasses()
        .that(where)
        .should()
        .accessTargetWhere(DescribedPredicate.describe(what, forbidden))
        .allowEmptyShould(true);
  }
}
