import { describe, expect, it } from "vitest";
import { menuOf } from "../../src/office/menu";
import type { Room } from "../../src/office/office";

const open: Room["open"] = () => Promise.reject(new Error("not opened here"));
const room = (name: string, more: Partial<Room> = {}): Room => ({ name, tab: "today", open, ...more });

describe("the head of all pages", () => {
  it("shows each role its own rooms, and none that are reached from elsewhere", () => {
    const rooms = [room("today"), room("draw", { roles: ["officer"] }), room("runs", { menu: true }), { name: "parcels", open }];
    expect(menuOf(rooms, "officer")).toEqual({ tabs: [rooms[0], rooms[1]], more: [rooms[2]] });
    expect(menuOf(rooms, "admin")).toEqual({ tabs: [rooms[0]], more: [rooms[2]] });
  });
  it("puts what does not fit beside each other under More", () => {
    const rooms = Array.from({ length: 9 }, (_, at) => room(`room-${at}`));
    const { tabs, more } = menuOf(rooms, "risk");
    expect([tabs.length, more.map((each) => each.name)]).toEqual([7, ["room-7", "room-8"]]);
  });
});
