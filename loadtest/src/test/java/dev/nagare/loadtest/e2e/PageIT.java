package dev.nagare.loadtest.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** The live page in a real browser, with the real server and broker behind it. */
class PageIT {
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final Path DRIVER = Path.of("/usr/bin/chromedriver");

  @TempDir Path folder;

  @Test
  void showsMovingDataWithoutAnErrorInTheConsole() throws Exception {
    requireBrowser();
    var signal = new Signal(11);
    try (var stack = new Stack(folder);
        var producer = stack.producer();
        var feeder = Executors.newSingleThreadScheduledExecutor()) {
      var feeding =
          feeder.scheduleAtFixedRate(
              () -> {
                byte[] value = Signal.observation(signal.next()).getBytes(UTF_8);
                var _ = producer.send(new ProducerRecord<>("pulse.requests", value));
              },
              0,
              20,
              TimeUnit.MILLISECONDS);
      var browser = browser();
      try {
        browser.get(stack.uri("/").toString());
        long events = awaitMoreEventsThan(browser, 0);
        awaitMoreEventsThan(browser, events + 50);
        assertThat(browser.getTitle()).contains("Nagare");
        assertThat((Boolean) browser.executeScript(PAINTED)).as("something is drawn").isTrue();
        var errors =
            browser.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                .toList();
        assertThat(errors).isEmpty();
      } finally {
        browser.quit();
        feeding.cancel(false);
      }
    }
  }

  /** Whether any canvas of the page has a pixel that is not transparent. */
  private static final String PAINTED =
      """
      return [...document.querySelectorAll('canvas')].some(c =>
          c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v !== 0));
      """;

  private static long awaitMoreEventsThan(ChromeDriver browser, long events) {
    return await("more than " + events + " events on the page")
        .atMost(Stack.PATIENCE)
        .until(
            () -> (Long) browser.executeScript("return window.nagare ? window.nagare.events : 0"),
            n -> n != null && n > events);
  }

  private static void requireBrowser() {
    boolean there = Files.isExecutable(CHROMIUM) && Files.isExecutable(DRIVER);
    String remedy =
        "PageIT needs "
            + CHROMIUM
            + " and "
            + DRIVER
            + ": apt-get install chromium chromium-driver";
    Assumptions.assumeTrue(there, remedy);
  }

  private ChromeDriver browser() throws Exception {
    var logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    var options = new ChromeOptions();
    options.setBinary(CHROMIUM.toFile());
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1200,900",
        "--user-data-dir=" + Files.createDirectory(folder.resolve("profile")));
    options.setCapability("goog:loggingPrefs", logs);
    var service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(DRIVER.toFile())
            .usingAnyFreePort()
            .build();
    return new ChromeDriver(service, options);
  }
}
