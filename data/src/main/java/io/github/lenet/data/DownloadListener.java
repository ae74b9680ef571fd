package io.github.lenet.data;

import java.net.URI;

/**
 * Receives the events of a download. All calls come from the thread that called {@link
 * DatasetCache#fetch}, and block it.
 */
public interface DownloadListener {
  /** A listener that ignores all events. */
  DownloadListener NONE = new DownloadListener() {};

  /**
   * Reports that another process or thread is downloading the data set. This thread waits for it.
   *
   * @param source the data set
   */
  default void onWait(DatasetSource source) {}

  /**
   * Reports that a file is about to be requested.
   *
   * @param file the file
   * @param from the address of the file
   */
  default void onStart(DatasetFile file, URI from) {}

  /**
   * Reports that more of a file has arrived, every few kilobytes.
   *
   * @param file the file
   * @param bytesSoFar the size of the file so far in bytes, including an earlier attempt's part;
   *     can decrease when a mirror starts over
   */
  default void onProgress(DatasetFile file, long bytesSoFar) {}

  /**
   * Reports that an address failed. The next mirror is tried, or the same one after a pause, if any
   * attempt is left.
   *
   * @param file the file
   * @param from the address that failed
   * @param why the reason in a few words
   */
  default void onRetry(DatasetFile file, URI from, String why) {}

  /**
   * Reports that a file is complete and verified.
   *
   * @param file the file
   * @param from the address it came from
   */
  default void onDone(DatasetFile file, URI from) {}
}
