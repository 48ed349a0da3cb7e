package dev.nagare.server.cli;

import dev.nagare.server.ServeCommand;
import dev.nagare.server.config.ConfigCommand;
import dev.nagare.server.demo.DemoCommand;
import dev.nagare.server.doctor.DoctorCommand;
import dev.nagare.server.models.ModelsCommand;
import dev.nagare.server.predict.PredictCommand;
import dev.nagare.server.replay.ReplayCommand;
import dev.nagare.server.security.TokenCommand;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Predicate;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The program: serves, shows and examines Nagare. */
@Command(
    name = "nagare",
    description = "Serves models at low latency and keeps them learning from streams.",
    mixinStandardHelpOptions = true,
    versionProvider = Nagare.Version.class,
    footer = "%nload, bench and drill are built when they are first asked for.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all went well",
      "1:it failed; the line on standard error says why",
      "2:command line, start-up file, port or data folder must be changed",
      "3:this machine lacks something, such as a JDK 25",
      "75:another process took the model over from a learner with role: learner",
      "130, 143:ended by Ctrl-C, by SIGTERM"
    })
public final class Nagare implements Runnable {
  /** In the order of the help; {@code serve} is found first, since it should start soon. */
  private static final List<Class<?>> COMMANDS =
      List.of(
          ServeCommand.class,
          DemoCommand.class,
          PredictCommand.class,
          ModelsCommand.class,
          ReplayCommand.class,
          TokenCommand.class,
          ConfigCommand.class,
          DoctorCommand.class,
          HelpCommand.class);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show stack traces of failures.")
  private boolean debug;

  Nagare() {}

  /** Runs one command and ends the JVM with its exit code. */
  public static void main(String[] args) {
    System.exit(commandLine(args.length == 0 ? "" : args[0]).execute(args));
  }

  /** With all commands. */
  static CommandLine commandLine() {
    return commandLine("");
  }

  /**
   * With the command of this name alone, if there is one: picocli looks at the class of each that
   * it knows, which took a third of the main thread's time until a server was ready.
   *
   * @param asked what the command line begins with
   */
  static CommandLine commandLine(String asked) {
    var root = new Nagare();
    var line = new CommandLine(root);
    Optional<Class<?>> only = COMMANDS.stream().filter(named(asked)).findFirst();
    if (only.isPresent()) {
      line.addSubcommand(only.get());
    } else {
      COMMANDS.forEach(line::addSubcommand);
      for (NagareSubcommand command : ServiceLoader.load(NagareSubcommand.class)) {
        line.addSubcommand(command);
      }
    }
    var errors = new OneLineErrors(() -> root.debug);
    return line.setExecutionExceptionHandler(errors)
        .setParameterExceptionHandler(errors)
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  private static Predicate<Class<?>> named(String name) {
    return type ->
        type != HelpCommand.class // which shows all
            && type.getAnnotation(Command.class).name().equals(name);
  }

  /** Without a command: says which there are. */
  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    spec.commandLine().usage(out);
  }

  /** The version as the jar's manifest has it, and the machine under it. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Nagare.class.getPackage().getImplementationVersion();
      return new String[] {
        "nagare " + (version == null ? "(not packaged)" : version),
        "Java %s, %s %s"
            .formatted(
                Runtime.version(), System.getProperty("os.name"), System.getProperty("os.arch"))
      };
    }
  }
}
