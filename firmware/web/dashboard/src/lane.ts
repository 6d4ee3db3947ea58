import type { DescriptionChannel, Path } from "signalbox-client";
import uPlot from "uplot";
import type { Device, Outage } from "./device.js";
import { inWords, isTelling, titleOf, unitSign } from "./format.js";

export interface Span {
  from: number;
  to: number;
}

export interface LaneEvents {
  zoomed(span: Span): void;
  /** Where the pointer is, in time; nothing: it is not on the chart. */
  pointed(at: number | undefined): void;
}

interface Colours {
  text: string;
  grid: string;
  outage: string;
  lines: string[];
}

/** As the style sheet has them, in the theme that is on. */
function colours(of: HTMLElement): Colours {
  const style = getComputedStyle(of);
  const probe = document.createElement("span");
  of.append(probe);
  const resolved = (name: string) => {
    probe.style.color = style.getPropertyValue(name) === "" ? "" : `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const found = { text: resolved("--quiet"), grid: resolved("--line"), outage: resolved("--outage"), lines: [1, 2, 3, 4, 5, 6, 7, 8].map((i) => resolved(`--line-${i}`)) };
  probe.remove();
  return found;
}

/** Heights and fonts are those of a desk, where the page's font has so many pixels. */
const DESK_PX = 16;
const AXIS_PX = 62;
const LABEL_PX = 14;
const STATES_PX = 30;

/** How much bigger than on a desk everything is, for walls. */
function scale(): number {
  return parseFloat(getComputedStyle(document.documentElement).fontSize) / DESK_PX;
}

/** One strip of the chart: channels of the same unit, or what is on and off, as a logic analyser shows it. */
export class Lane {
  readonly isStates: boolean;
  #plot: uPlot | undefined;
  #drawn = "";
  #scale = 0;
  #span: Span = { from: 0, to: 1 };

  constructor(private readonly device: Device, private readonly channels: DescriptionChannel[], private readonly colourOf: (path: Path) => number,
    private readonly events: LaneEvents) {
    this.isStates = channels[0]!.kind === "boolean";
  }

  /** In rem, so that the place grows with the page's font. */
  static height(channels: DescriptionChannel[], isLast: boolean): number {
    return ((channels[0]!.kind === "boolean" ? 16 + STATES_PX * channels.length : 165) + (isLast ? 28 : 0)) / DESK_PX;
  }

  attach(element: HTMLElement, isLast: boolean): void {
    this.#plot?.destroy();
    this.#scale = scale();
    const shade = colours(element);
    const font = `${Math.round(12 * scale())}px ${getComputedStyle(element).fontFamily}`;
    const axis = { stroke: shade.text, font, grid: { stroke: shade.grid, width: 1 }, ticks: { show: false } };
    const count = this.channels.length;
    const titles = this.channels.map((channel) => titleOf(channel));
    this.#drawn = "";
    this.#plot = new uPlot({
      width: element.clientWidth, height: element.clientHeight, ms: 1, legend: { show: false }, padding: [8, 26 * this.#scale, isLast ? null : 8, 0],
      cursor: { sync: { key: "trends" }, y: false, drag: { x: true, y: false, setScale: false }, points: { show: !this.isStates, size: 7 } },
      scales: {
        x: { time: true, auto: false, range: () => [this.#span.from, this.#span.to] },
        y: this.isStates ? { range: [-0.25, count * 1.5 - 0.25] } : { range: (_, low, high) => padded(low, high, this.channels) },
      },
      axes: [
        { ...axis, show: isLast, size: 32 * scale(), space: 84 * scale(), values: (_, splits) => splits.map((at, i) => time(at, splits[i + 1] === undefined ? at - (splits[i - 1] ?? at) : splits[i + 1]! - at)) },
        this.isStates
          ? { ...axis, size: (AXIS_PX + LABEL_PX) * scale(), grid: { show: false }, splits: () => this.channels.map((_, i) => (count - 1 - i) * 1.5 + 0.5),
              values: () => titles.map((title) => (title.length > 11 ? `${title.slice(0, 10)}…` : title)) }
          : { ...axis, size: AXIS_PX * scale(), space: 34 * scale(), values: (_, splits) => splits.map((value) => onAxis(this.channels[0]!, value)), label: unitSign(this.channels[0]!.unit),
              labelSize: LABEL_PX * scale(), labelGap: 0, labelFont: font },
      ],
      series: [{}, ...this.channels.map((channel, i) => {
        const stroke = shade.lines[this.colourOf(channel.path) % shade.lines.length]!;
        const low = (count - 1 - i) * 1.5;
        const line = { label: titles[i]!, stroke, width: 2 * this.#scale, points: { show: false } };
        if (!this.isStates && channel.output === undefined) return line;
        const steps = { ...line, paths: uPlot.paths.stepped!({ align: 1 }) }; // what is set stays as it is up to the next command
        return this.isStates ? { ...steps, fill: stroke.replace("rgb(", "rgba(").replace(")", ", 0.22)"), fillTo: () => low } : steps;
      })],
      hooks: {
        drawClear: [(plot) => this.#drawOutages(plot, shade.outage)],
        setSelect: [(plot) => {
          if (plot.select.width < 4) return;
          const span = { from: plot.posToVal(plot.select.left, "x"), to: plot.posToVal(plot.select.left + plot.select.width, "x") };
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          this.events.zoomed(span);
        }],
        setCursor: [(plot) => this.events.pointed(plot.cursor.left !== undefined && plot.cursor.left !== null && plot.cursor.left >= 0 ? plot.posToVal(plot.cursor.left, "x") : undefined)],
      },
    }, this.#points(), element);
  }

  detach(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  resize(element: HTMLElement, isLast: boolean): void {
    if (scale() !== this.#scale) this.attach(element, isLast); // its fonts are others
    else this.#plot?.setSize({ width: element.clientWidth, height: element.clientHeight });
  }

  /** Draws what is new, if that could be seen. */
  draw(span: Span): void {
    if (this.#plot === undefined) return;
    const pxMs = Math.max(1, (span.to - span.from) / Math.max(1, this.#plot.bbox.width));
    const state = [Math.floor(span.to / pxMs), span.to - span.from, this.device.outages.value.length, ...this.channels.map(({ path }) => this.device.series(path).version)].join();
    if (state === this.#drawn) return;
    this.#drawn = state;
    this.#span = span;
    this.#plot.setData(this.#points(), true);
  }

  #points(): uPlot.AlignedData {
    const { from, to } = this.#span, count = this.channels.length;
    const parts = this.channels.map(({ path }, i) => {
      const [at, value] = this.device.series(path).part(from, to);
      const last = value.at(-1);
      const now = Math.min(to, this.device.now);
      // What does not change is not sent: it goes on up to now, as long as we would have heard.
      if (typeof last === "number" && this.device.isOnline.value && at.at(-1)! < now) {
        at.push(now);
        value.push(last);
      }
      const low = this.isStates ? (count - 1 - i) * 1.5 : 0;
      return [at, low === 0 ? value : value.map((one) => (one === null ? null : one + low))] as uPlot.AlignedData;
    });
    // In each table a break is one; where one table has no row, another one's line goes on.
    return parts.length === 0 ? [[]] : uPlot.join(parts, parts.map(() => [0, 2] as unknown as uPlot.JoinNullMode[]));
  }

  #drawOutages(plot: uPlot, colour: string): void {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    for (const outage of this.device.outages.value) this.#hatch(plot, outage, colour);
    ctx.restore();
  }

  #hatch(plot: uPlot, { from, to }: Outage, colour: string): void {
    const { ctx, bbox } = plot;
    const left = plot.valToPos(from, "x", true), right = plot.valToPos(to ?? this.device.now, "x", true);
    if (right < bbox.left || left > bbox.left + bbox.width) return;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, bbox.top, Math.max(2, right - left), bbox.height);
    ctx.clip();
    ctx.strokeStyle = colour;
    ctx.lineWidth = 2;
    for (let x = left - bbox.height; x < right; x += 9) {
      ctx.beginPath();
      ctx.moveTo(x, bbox.top + bbox.height);
      ctx.lineTo(x + bbox.height, bbox.top);
      ctx.stroke();
    }
    ctx.restore();
  }
}

/** Room above and below, and never a quiet line blown up into a storm of noise. */
function padded(low: number | null, high: number | null, channels: DescriptionChannel[]): [number, number] {
  if (low === null || high === null) return [0, 1];
  const spans = channels.map(({ range }) => (isTelling(range) ? range[1] - range[0] : 0));
  const least = Math.max(Math.abs(low), Math.abs(high), ...spans, 1) * 0.02;
  const room = Math.max((high - low) * 0.12, (least - (high - low)) / 2, least * 0.1);
  return [low - room, high + room];
}

/** Bytes have a prefix with each number, all else its unit beside the axis. */
function onAxis(channel: DescriptionChannel, value: number): string {
  return channel.unit?.startsWith("By") ? inWords(channel, value).replace("B/s", "B") : String(Math.round(value * 1000) / 1000);
}

function time(at: number, step: number): string {
  const text = new Date(at).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
  return step >= 60_000 ? text.slice(0, 5) : text;
}
