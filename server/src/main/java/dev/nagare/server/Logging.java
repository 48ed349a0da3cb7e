package dev.nagare.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import dev.nagare.server.config.LoggingConfig;
import dev.nagare.server.observe.JsonLines;
import org.slf4j.LoggerFactory;

/**
 * The log, on the standard output: calm lines, or objects for machines once the start-up file says
 * so. In code, since reading XML would delay the start.
 */
public final class Logging extends ContextAwareBase implements Configurator {
  private static final String CONSOLE = "console";

  /** Lets lines be of a format from now on. */
  static void use(LoggingConfig.Format format) {
    if (format == LoggingConfig.Format.JSON
        && LoggerFactory.getILoggerFactory() instanceof LoggerContext context
        && context.getLogger("ROOT").getAppender(CONSOLE)
            instanceof ConsoleAppender<ILoggingEvent> console) {
      var encoder = new JsonLines();
      encoder.setContext(context);
      encoder.start();
      console.setEncoder(encoder);
    }
  }

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    var encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%d{HH:mm:ss.SSS} %-5level %logger{0}: %msg%replace( %kvp){'^ $', ''}%n");
    encoder.start();
    var console = new ConsoleAppender<ILoggingEvent>();
    console.setContext(context);
    console.setName(CONSOLE);
    console.setEncoder(encoder);
    console.start();
    context.getLogger("ROOT").setLevel(Level.WARN);
    context.getLogger("ROOT").addAppender(console);
    context.getLogger("dev.nagare").setLevel(Level.INFO);
    // Repeats itself for as long as a broker is away; the learner says that once, in a sentence.
    context.getLogger("org.apache.kafka.clients.NetworkClient").setLevel(Level.ERROR);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }
}
