import {
  type FieldError,
  formatTimeOfDay,
  ORDER_DEFAULTS,
  type SubscriptionOrder,
  WEEKDAYS,
} from "@paperboy/core";
import { type FormFields, field } from "../http/form-body.ts";

/** What stands in the fields of an order, as typed: a refused form comes back as it was. */
export interface OrderForm {
  readonly trending: boolean;
  readonly forYou: boolean;
  readonly replacements: boolean;
  readonly noteWhenEmpty: boolean;
  readonly cadence: string;
  readonly weekday: string;
  readonly time: string;
  readonly timezone: string;
  readonly maxPapers: string;
}

export const EMPTY_FORM: OrderForm = {
  trending: ORDER_DEFAULTS.trending,
  forYou: ORDER_DEFAULTS.forYou,
  replacements: ORDER_DEFAULTS.replacements,
  noteWhenEmpty: ORDER_DEFAULTS.noteWhenEmpty,
  cadence: ORDER_DEFAULTS.cadence,
  weekday: String(ORDER_DEFAULTS.weekday),
  time: formatTimeOfDay(ORDER_DEFAULTS.localMinute),
  timezone: ORDER_DEFAULTS.timezone,
  maxPapers: String(ORDER_DEFAULTS.maxPapers),
};

export function readOrderForm(fields: FormFields): OrderForm {
  const or = (name: string, usual: string) => field(fields, name) || usual;
  return {
    trending: fields.has("trending"),
    forYou: fields.has("forYou"),
    replacements: fields.has("replacements"),
    noteWhenEmpty: fields.has("noteWhenEmpty"),
    cadence: or("cadence", EMPTY_FORM.cadence),
    weekday: or("weekday", EMPTY_FORM.weekday),
    time: or("time", EMPTY_FORM.time),
    timezone: or("timezone", EMPTY_FORM.timezone),
    maxPapers: or("maxPapers", EMPTY_FORM.maxPapers),
  };
}

export function toOrderForm(order: SubscriptionOrder): OrderForm {
  return {
    trending: order.trending,
    forYou: order.forYou ?? false,
    replacements: order.replacements ?? false,
    noteWhenEmpty: order.noteWhenEmpty ?? false,
    cadence: order.cadence,
    weekday: String(order.weekday),
    time: formatTimeOfDay(order.localMinute),
    timezone: order.timezone,
    maxPapers: String(order.maxPapers),
  };
}

/** The form's fields as the API's schemas take them. Browsers may add seconds to a time. */
export function toOrderInput(form: OrderForm) {
  return {
    ...form,
    weekday: Number(form.weekday),
    time: form.time.slice(0, 5),
    maxPapers: Number(form.maxPapers),
  };
}

const CADENCE_WORDS = [
  { value: "daily", label: "Every day" },
  { value: "weekdays", label: "Monday to Friday" },
  { value: "weekly", label: "Once a week" },
];

const WEEKDAY_WORDS = WEEKDAYS.map((name, index) => ({
  value: String(index + 1),
  label: `${name[0]?.toUpperCase()}${name.slice(1)}`,
}));

/** What the partial `order-fields` shows. */
export function orderFieldsModel(form: OrderForm, errors: Readonly<Record<string, FieldError>> = {}) {
  const choose = (options: readonly { value: string; label: string }[], chosen: string) =>
    options.map((option) => ({ ...option, selected: option.value === chosen }));
  return {
    ...form,
    cadences: choose(CADENCE_WORDS, form.cadence),
    weekdays: choose(WEEKDAY_WORDS, form.weekday),
    errors,
  };
}

/** A schedule in words: `every Monday at 07:00`. */
export function scheduleInWords(order: SubscriptionOrder): string {
  const day = WEEKDAY_WORDS[order.weekday - 1]?.label;
  const days = { daily: "every day", weekdays: "Monday to Friday", weekly: `every ${day}` };
  return `${days[order.cadence]} at ${formatTimeOfDay(order.localMinute)}`;
}
