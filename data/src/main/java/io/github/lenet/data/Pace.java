package io.github.lenet.data;

import java.util.Locale;

/**
 * How fast a data set comes, over all its files, and whether that is fast enough. Starts with the
 * first request, and counts what comes over the network only.
 */
final class Pace {
  private final DatasetSource source;
  private final Patience patience;
  private final Deadline start;
  private final Deadline whole;
  private long received;
  private long bytesAfterThisFile;

  Pace(DatasetSource source, Patience patience) {
    this.source = source;
    this.patience = patience;
    this.start = Deadline.in(patience.start());
    this.whole = Deadline.in(patience.whole());
  }

  /**
   * The next file is about to be downloaded.
   *
   * @param bytesAfter how many bytes are to be downloaded after it
   */
  void startFile(long bytesAfter) {
    bytesAfterThisFile = bytesAfter;
  }

  /** More has arrived. */
  void add(long bytes) {
    received += bytes;
  }

  /** When to give up, however the mirrors fare. */
  Deadline deadline() {
    return received == 0 ? start : whole;
  }

  /**
   * Checks, once the start is over, that the rest will come in time at the speed so far.
   *
   * @param file the file that is being downloaded
   * @param bytesToCome how many bytes of it are missing
   * @throws DownloadException if it will not
   */
  void requireInTime(DatasetFile file, long bytesToCome) throws DownloadException {
    if (received == 0 || !start.passed()) {
      return;
    }
    double elapsedSeconds = Math.max(1e-3, whole.elapsed().toNanos() / 1e9);
    double bytesPerSecond = received / elapsedSeconds;
    double secondsToCome = (Math.max(0, bytesToCome) + bytesAfterThisFile) / bytesPerSecond;
    double limit = patience.whole().toNanos() / 1e9;
    if (elapsedSeconds + secondsToCome > limit) {
      long minutes = Math.max(1, Math.round((elapsedSeconds + secondsToCome) / 60));
      throw new DownloadException(
          String.format(
              Locale.ROOT,
              "%s's %s is too slow: %.1f kB/s, would take about %,d %s; use --dataset %s to wait"
                  + " for it.",
              source.title(),
              file.name(),
              bytesPerSecond / 1_000,
              minutes,
              minutes == 1 ? "minute" : "minutes",
              source.id()));
    }
  }
}
