package io.github.lenet.data;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final DatasetSource SOURCE = TinyDataset.at(URI.create("http://a.org/")).source();
  private static final DatasetFile FILE = SOURCE.trainImages();
  private static final long MUCH = 1L << 50;

  private static Pace pace(Duration start, Duration whole) {
    return new Pace(SOURCE, new Patience(start, whole));
  }

  @Test
  void beforeTheFirstByteAndWithinTheStartNothingIsTooSlow() {
    Pace silent = pace(Duration.ZERO, Duration.ofHours(1));
    assertDoesNotThrow(() -> silent.requireInTime(FILE, MUCH));
    Pace starting = pace(Duration.ofHours(1), Duration.ofHours(1));
    starting.add(1);
    assertDoesNotThrow(() -> starting.requireInTime(FILE, MUCH));
  }

  @Test
  void theStartHasADeadlineOfItsOwn() {
    Pace pace = pace(Duration.ofSeconds(7), Duration.ofSeconds(70));
    assertEquals(Duration.ofSeconds(7), pace.deadline().patience());
    pace.add(1);
    assertEquals(Duration.ofSeconds(70), pace.deadline().patience());
  }

  @Test
  void whatComesInTimeAtThisSpeedIsWaitedFor() {
    Pace pace = pace(Duration.ZERO, Duration.ofHours(1));
    pace.add(1_000_000);
    pace.startFile(1_000_000);
    assertDoesNotThrow(() -> pace.requireInTime(FILE, 1_000_000));
    assertDoesNotThrow(() -> pace.requireInTime(FILE, -1));
  }

  @Test
  void theFilesAfterThisOneCountToo() {
    Pace pace = pace(Duration.ZERO, Duration.ofHours(1));
    pace.add(1_000);
    pace.startFile(MUCH);
    assertThrows(DownloadException.class, () -> pace.requireInTime(FILE, 0));
    pace.startFile(0);
    assertDoesNotThrow(() -> pace.requireInTime(FILE, 0));
  }

  @Test
  void saysHowSlowItIsAndHowLongItWouldTake() throws InterruptedException {
    Pace pace = pace(Duration.ZERO, Duration.ofSeconds(30));
    Thread.sleep(200);
    pace.add(1_000);
    pace.add(1_000); // 2,000 bytes in a fifth of a second or somewhat more
    long bytesToCome = 1_200_000; // two minutes at 10 kB/s
    String message =
        assertThrows(DownloadException.class, () -> pace.requireInTime(FILE, bytesToCome))
            .getMessage();
    var figures =
        java.util.regex.Pattern.compile(
                "Tiny's train-images-idx3-ubyte.gz is too slow: ([0-9.]+) kB/s, would take about"
                    + " ([0-9]+) minutes; use --dataset tiny to wait for it.")
            .matcher(message);
    assertTrue(figures.matches(), message);
    double kiloBytesPerSecond = Double.parseDouble(figures.group(1));
    assertTrue(kiloBytesPerSecond > 0.2 && kiloBytesPerSecond <= 10, message);
    double minutes = bytesToCome / 1_000.0 / kiloBytesPerSecond / 60;
    assertEquals(minutes, Double.parseDouble(figures.group(2)), 1 + 0.2 * minutes, message);
  }

  @Test
  void aDeadlinePasses() throws InterruptedException {
    assertTrue(Deadline.in(Duration.ZERO).passed());
    Deadline hour = Deadline.in(Duration.ofHours(1));
    assertFalse(hour.passed());
    Thread.sleep(2);
    assertTrue(hour.elapsed().compareTo(Duration.ofMillis(2)) >= 0);
    assertTrue(hour.elapsed().compareTo(Duration.ofMinutes(10)) < 0);
    assertTrue(hour.remaining().compareTo(Duration.ofMinutes(50)) > 0);
    assertEquals(Duration.ofSeconds(1), hour.atMost(Duration.ofSeconds(1)));
    assertTrue(hour.atMost(Duration.ofHours(2)).compareTo(Duration.ofHours(1)) < 0);
    assertEquals(Duration.ofMillis(1), Deadline.in(Duration.ZERO).atMost(Duration.ofSeconds(1)));
  }
}
