import {
  DELIVERY_EVENTS,
  type DeliveryEvent,
  type DeliveryStatus,
  type Transition,
} from "../../src/delivery/events.ts";

/** The state that the table of events leads to, or undefined when the event cannot happen in this state. */
export function nextStatus(status: DeliveryStatus, event: DeliveryEvent): DeliveryStatus | undefined {
  const { from, to }: Transition = DELIVERY_EVENTS[event];
  return from.includes(status) ? to : undefined;
}
