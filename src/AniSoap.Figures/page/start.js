// Draws `figure` (data and layout of plotly.js) into the page; `page` says what else there is: layouts for wide and high pages, structures of which one is
// shown at a time, and colours and structures of the points of a map.
const render = page.map !== undefined ? map() : page.structures !== undefined ? frames() : () => draw(picture, figure, page.arrangements);
// A page that turns has other room.
let width = window.innerWidth;
window.addEventListener("resize", () => {
    if ((width < slender) !== (window.innerWidth < slender) || page.arrangements !== undefined) render();
    width = window.innerWidth;
});
Promise.resolve(render()).then(() => { picture.dataset.drawn = "yes"; });
