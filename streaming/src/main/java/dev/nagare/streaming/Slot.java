package dev.nagare.streaming;

import java.util.Locale;

/** What a version is while another one is tried beside it. */
public enum Slot {
  /** It answers the requests that name no version, or what of them is left. */
  STABLE,
  /** It answers a share of them. */
  CANARY,
  /** It gets copies of a share of them, whose answers nobody gets. */
  SHADOW;

  /** Its name in metrics. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
