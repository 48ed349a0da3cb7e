package dev.nagare.loadtest.arch;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Path;

/** The main classes of all modules. */
final class NagareClasses {
  static final String[] TENSOR_CORE = {
    "dev.nagare.tensor..",
    "dev.nagare.graph..",
    "dev.nagare.autograd..",
    "dev.nagare.nn..",
    "dev.nagare.optim..",
    "dev.nagare.io.."
  };
  static final String MODELS = "dev.nagare.models..";
  static final String BROKER = "dev.nagare.broker..";
  static final String STREAMING = "dev.nagare.streaming..";
  static final String SERVER = "dev.nagare.server..";
  static final String LOADTEST = "dev.nagare.loadtest..";

  /** Everything that a test of this module has on its class path. */
  static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.nagare");

  /** The embedded broker, which has a class path of its own. */
  static final JavaClasses OF_BROKER =
      new ClassFileImporter().importPath(Path.of("..", "streaming", "broker", "target", "classes"));

  private NagareClasses() {}

  static DescribedPredicate<JavaClass> in(String... packages) {
    return JavaClass.Predicates.resideInAnyPackage(packages);
  }

  static long count(String... packages) {
    return MAIN.stream().filter(in(packages)).count();
  }
}
