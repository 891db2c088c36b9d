// The page of frames.
const frames = () => {
    const structures = opened(page.structures);
    let shown = withStructure(figure, structures, 0);
    const steps = slider(structures, number => {
        shown = withStructure(figure, structures, number);
        draw(picture, shown);
    });
    if (steps.length > 0) main.append(element("form", { class: "controls" }, ...steps));
    return () => draw(picture, shown);
};
